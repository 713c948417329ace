import { Button } from '@mantine/core';
import type { SinkName } from '../../../../shared/model/notice.ts';
import { useAction } from '../../../client/engine.tsx';
import { ErrorNotice } from '../../../ui/state/ErrorNotice.tsx';
import { Said } from '../../../ui/state/Said.tsx';

/** Sends a test by what is saved, and says how that went. */
export function useSendTest(sink: SinkName, isReady: boolean) {
  const test = useAction('notices.test');
  return {
    button: (
      <Button
        variant="default"
        disabled={!isReady}
        loading={test.isPending}
        onClick={() => test.mutate({ sink })}
      >
        Send test
      </Button>
    ),
    outcome: (
      <>
        {test.error !== null && <ErrorNotice error={test.error} />}
        {test.isSuccess && (
          <Said tone="good">
            <span role="status">The test was accepted: see that it has arrived.</span>
          </Said>
        )}
      </>
    ),
  } as const;
}
