import {
  Alert,
  type AlertProps,
  Button,
  Code,
  Collapse,
  CopyButton,
  Group,
  Stack,
  Text,
} from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { AppError } from '../../../shared/lib/app-error.ts';
import { addressOf } from '../../app/routes.ts';
import { errorText } from './error-text.ts';
import { StateShape } from './StateShape.tsx';

/** What went wrong in one sentence, what can be done about it, and the technical part for whoever asks. */
export function ErrorNotice({ error, onRetry }: Readonly<{ error: Error; onRetry?: () => void }>) {
  const [areDetailsShown, { toggle }] = useDisclosure(false);
  const details = detailsOf(error);
  return (
    <Alert variant="light" {...lookOf(error)} role="alert">
      <Stack gap="sm" align="flex-start">
        <Text style={{ overflowWrap: 'anywhere' }}>{errorText(error)}</Text>
        <Group gap="xs">
          {/* A page asks for another key. Where one is asked for already, that leads nowhere. */}
          {isLocked(error) && !isKeyAskedHere() && <UnlockButton />}
          {isNotSetUp(error) && (
            <Button size="xs" component="a" href={addressOf('setup')}>
              Set up
            </Button>
          )}
          {onRetry !== undefined && (
            <Button size="xs" variant="default" onClick={onRetry}>
              Try again
            </Button>
          )}
          <Button size="xs" variant="subtle" color="gray" aria-expanded={areDetailsShown} onClick={toggle}>
            Details
          </Button>
        </Group>
        <Collapse expanded={areDetailsShown} w="100%">
          <Stack gap="xs" align="flex-start">
            <Code block w="100%" style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
              {details}
            </Code>
            <CopyButton value={details}>
              {({ copied, copy }) => (
                <Button size="xs" variant="default" onClick={copy}>
                  {copied ? 'Copied' : 'Copy'}
                </Button>
              )}
            </CopyButton>
          </Stack>
        </Collapse>
      </Stack>
    </Alert>
  );
}

/** A vault that is shut is waited for: nothing has failed, and red is for what did, as a key that was typed and does not fit. */
function lookOf(error: Error): Pick<AlertProps, 'color' | 'icon'> {
  if (!isVaultShut(error) || (isLocked(error) && isKeyAskedHere()))
    return { color: 'red', icon: <StateShape shape="cross" severity="bad" /> };
  return {
    color: 'blue',
    icon: <StateShape shape={isLocked(error) ? 'lock' : 'clock'} severity="info" />,
  };
}

/** Leads to the page that asks for another key. */
export function UnlockButton() {
  return (
    <Button size="xs" component="a" href={addressOf('unlock')}>
      Unlock
    </Button>
  );
}

/** The vault is locked or not there: the state of all says so, with its place. */
export function isVaultShut(error: Error): boolean {
  return isLocked(error) || (error instanceof AppError && error.details['absent'] === true);
}

/** No key of this computer opens the vault. */
export function isLocked(error: Error): boolean {
  return error instanceof AppError && error.kind === 'no-key';
}

const asking = ['unlock', 'setup'] as const;

function isKeyAskedHere(): boolean {
  return asking.some((page) => isAt(page));
}

function isNotSetUp(error: Error): boolean {
  return error instanceof AppError && error.details['isNotSetUp'] === true && !isAt('setup');
}

function isAt(page: (typeof asking)[number]): boolean {
  return window.location.hash.startsWith(addressOf(page));
}

function detailsOf(error: Error): string {
  if (!(error instanceof AppError)) return `${error.name}: ${error.message}`;
  const facts = Object.entries(error.details).map(([name, value]) => `${name}: ${JSON.stringify(value)}`);
  return [`kind: ${error.kind}`, ...facts, error.message].join('\n');
}
