import { Progress, Stack, Text } from '@mantine/core';
import { sourceWithin } from '../../../../shared/lib/restore-plan/sentence.ts';
import { countOf, countText } from '../../../../shared/lib/size-text.ts';
import type { TaskProgress } from '../../../client/engine.tsx';
import { Waiting } from '../../../ui/frame/Waiting.tsx';

/** How far a plan is. */
export function PlanProgress({ progress }: Readonly<{ progress: TaskProgress | undefined }>) {
  if (progress === undefined) return <Waiting what="Comparing the backup with what is there now" />;
  const { phase, done, total } = progress;
  const of = total === undefined ? '' : ` of ${countText(total)}`;
  return (
    <Stack gap="xs" role="status">
      <Text>
        Comparing {sourceWithin(phase)} with what is there now: {countOf(done, 'file')}
        {of}
      </Text>
      <Progress
        value={total === undefined || total === 0 ? 100 : Math.min(100, (done / total) * 100)}
        animated={total === undefined}
        aria-label="Comparing"
      />
    </Stack>
  );
}
