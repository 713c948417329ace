import { notifications } from '@mantine/notifications';

/** Tells why something that was asked for was not done. */
export function showProblem(error: Error): void {
  notifications.show({
    color: 'red',
    title: 'That was not done',
    message: error.message,
    autoClose: 12_000,
    role: 'alert',
  });
}
