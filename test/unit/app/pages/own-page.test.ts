import { describe, expect, it } from 'vitest';
import { isOwnPage } from '../../../../main/app/pages/own-page.ts';

describe('isOwnPage', () => {
  it.each([
    'app://trinity/',
    'app://trinity/index.html',
    'app://trinity/#/restore?agent=one',
    'app://trinity/?a=1',
  ])('lets a window go to %s', (address) => {
    expect(isOwnPage(address)).toBe(true);
  });

  it.each([
    'https://trinity/',
    'http://127.0.0.1:7420/',
    'file:///etc/passwd',
    'app://other/',
    'app://trinity.example/',
    'app://trinity@example/',
    'app://user@trinity/',
    'app://trinity:1/',
    'app://trinity/assets/index.js',
    'app:trinity',
    'javascript:alert(1)',
    'data:text/html,x',
    'about:blank',
    '',
  ])('keeps it from %s', (address) => {
    expect(isOwnPage(address)).toBe(false);
  });
});
