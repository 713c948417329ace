import { z } from 'zod';

const clock = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/);
const webAddress = z.url({ protocol: /^https?$/ }).max(4096);
const mailAddress = z
  .string()
  .regex(/^[^\s@<>,;]+@[^\s@<>,;]+$/)
  .max(320);

/** Who is told, and how. Passwords are kept elsewhere, sealed. */
export const notificationSettings = z.strictObject({
  firstSuccess: z.boolean().default(true),
  everySuccess: z.boolean().default(false),
  /** By the local clock; they may go over midnight. Web hooks, heartbeat and operator queue know none. */
  quietHours: z.strictObject({ from: clock, to: clock }).optional(),
  webhook: z.strictObject({ url: webAddress }).optional(),
  /** Asked for at each backup: `URL/start`, then `URL` or `URL/fail`. */
  heartbeat: z.strictObject({ url: webAddress }).optional(),
  mail: z
    .strictObject({
      host: z.string().min(1).max(255),
      port: z.number().int().min(1).max(65_535).default(465),
      /** `tls` from the first byte, `starttls` or nothing at all. */
      security: z.enum(['tls', 'starttls', 'none']).default('tls'),
      user: z.string().min(1).max(320).optional(),
      from: mailAddress,
      to: z.array(mailAddress).min(1).max(50),
    })
    .optional(),
  /** One open item for each cause in Trinity's operator queue. */
  operatorQueue: z.boolean().default(false),
});

export type NotificationSettings = Readonly<z.infer<typeof notificationSettings>>;
