#!/usr/bin/env node
import { version } from '../platform/version.ts';

process.stdout.write(`${version}\n`);
