import { Button } from '@mantine/core';
import { useAction } from '../../client/engine.tsx';
import { bytesOf, saveFile } from '../../ui/files/save-file.ts';
import { showProblem } from '../../ui/state/show-problem.ts';

/** What helps others to find out what is wrong, without secrets, as a file. */
export function SupportBundle() {
  const make = useAction('support.download');
  return (
    <Button
      variant="default"
      loading={make.isPending}
      title="Versions, settings, state, history and logs, without secrets"
      onClick={() =>
        make.mutate(
          {},
          {
            onError: showProblem,
            onSuccess: ({ name, base64 }) => saveFile(name, bytesOf(base64), 'application/zip'),
          },
        )
      }
    >
      Save support bundle
    </Button>
  );
}
