import classes from './Monospaced.module.css';

/** The class of fields for what is read character by character: keys, patterns. */
export const monospaced = classes['monospaced'] ?? '';
