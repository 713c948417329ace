import { Code, Stack, Table, Text, Textarea } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import type { CallOutput } from '../../../shared/ipc/contract.ts';
import { countOf, sizeText } from '../../../shared/lib/size-text.ts';
import { useCall } from '../../client/engine.tsx';
import { Loaded } from '../../ui/frame/Loaded.tsx';
import { monospaced } from '../../ui/text/monospaced.ts';
import { Section } from '../../ui/frame/Section.tsx';
import { SavedSection } from './SavedSection.tsx';
import type { PartProps } from './SettingsPage.tsx';
import { useDraft } from './use-draft.ts';

type Preview = CallOutput<'exclusions.preview'>;

/** What no backup holds, and how much that is. */
export function ExclusionsSection({ settings: { exclude } }: PartProps) {
  const { draft, isChanged, set, discard } = useDraft({ text: exclude.join('\n') });
  const patterns = patternsOf(draft.text);
  const tooLong = patterns.find((pattern) => pattern.length > 1000);
  const problem =
    tooLong === undefined
      ? patterns.length > 1000
        ? 'Use 1,000 patterns at most.'
        : undefined
      : 'A pattern has 1,000 characters at most.';
  const [settled] = useDebouncedValue(draft.text, 500);
  return (
    <Stack gap="lg">
      <SavedSection
        title="Left out"
        about="What matches is in no backup, of every agent’s volume and of Trinity’s shared files, and cannot be restored."
        isChanged={isChanged}
        onDiscard={discard}
        changes={() => (problem === undefined ? [{ path: ['exclude'], value: [...patterns] }] : undefined)}
      >
        <Textarea
          label="Patterns, one on each line"
          description="“*.tmp” by name, “/downloads/” a folder at the top, “**/dist/” a folder anywhere, “!keep.tmp” an exception"
          autosize
          minRows={3}
          maxRows={12}
          classNames={{ input: monospaced }}
          spellCheck={false}
          value={draft.text}
          error={problem}
          onChange={({ currentTarget }) => set({ text: currentTarget.value })}
        />
        {problem === undefined && <Effect patterns={patternsOf(settled)} />}
      </SavedSection>
      <BuiltIn />
    </Stack>
  );
}

function patternsOf(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

function Effect({ patterns }: Readonly<{ patterns: readonly string[] }>) {
  const query = useCall('exclusions.preview', { patterns: [...patterns] });
  return (
    <Loaded query={query} what="Counting what they leave out">
      {(preview) => (
        <Stack gap="xs">
          <Text role="status">{effectText(preview)}</Text>
          {preview.patterns.length > 0 && (
            <Table verticalSpacing={4}>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>Pattern</Table.Th>
                  <Table.Th ta="right">Files now</Table.Th>
                  <Table.Th ta="right">Size</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {preview.patterns.map(({ pattern, files, bytes }, at) => (
                  <Table.Tr key={`${String(at)} ${pattern}`}>
                    <Table.Td>
                      <Code>{pattern}</Code>
                    </Table.Td>
                    <Table.Td ta="right">{pattern.startsWith('!') ? '' : countOf(files, 'file')}</Table.Td>
                    <Table.Td ta="right">
                      {pattern.startsWith('!') ? 'An exception' : sizeText(bytes)}
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          )}
        </Stack>
      )}
    </Loaded>
  );
}

function effectText({ patterns, files, bytes, totalBytes, isCut, uncounted }: Preview): string {
  const begin =
    patterns.length === 0
      ? 'Nothing more is left out than what is rebuilt by itself.'
      : `They leave out ${countOf(files, 'file')}, ${sizeText(bytes)} of ${sizeText(totalBytes)}.`;
  const cut = isCut ? ' There is more: counting all of it takes too long.' : '';
  const rest =
    uncounted === 0 ? '' : ` ${countOf(uncounted, 'volume')} that only a helper reads are not counted.`;
  return `${begin}${cut}${rest}`;
}

function BuiltIn() {
  const query = useCall('exclusions.preview', { patterns: [] });
  return (
    <Section title="Always left out" about="What agents and Trinity make again by themselves.">
      <Loaded query={query} what="Counting what is left out">
        {({ builtIn, builtInBytes }) => (
          <Stack gap="xs">
            <Text>This saves {sizeText(builtInBytes)} now.</Text>
            <Table verticalSpacing={4}>
              <Table.Tbody>
                {builtIn.map(({ pattern, reason }) => (
                  <Table.Tr key={pattern}>
                    <Table.Td>
                      <Code>{pattern}</Code>
                    </Table.Td>
                    <Table.Td>{reason}</Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Stack>
        )}
      </Loaded>
    </Section>
  );
}
