import { notifications } from '@mantine/notifications';

/** Tells that what was changed holds from now on. */
export function showSaved(): void {
  notifications.show({ message: 'Saved.', autoClose: 4000, role: 'status' });
}
