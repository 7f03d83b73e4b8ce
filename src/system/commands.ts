import { quoted } from './values.js';

/** Commands for root, each as program and arguments. */
export type Commands = readonly (readonly string[])[];

/** As a person types them: `sudo chmod 600 '/etc/hostp2pd.yaml'; sudo nmcli connection reload`. */
export function typedCommands(commands: Commands): string {
  return commands
    .map((words) =>
      ['sudo', ...words.map((word) => (/^[\w.:=+@-]+$/.test(word) ? word : quoted(word)))].join(' '),
    )
    .join('; ');
}
