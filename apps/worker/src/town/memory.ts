import type { Memory } from './ground.ts';

/** The shell's facts in the object's key-value store: gone with it when the town is deleted. */
export function memoryOver(kv: SyncKvStorage): Memory {
  return {
    townId: () => {
      const id = kv.get<string>('town');
      if (id === undefined) throw new Error('this object holds no town');
      return id;
    },
    setTownId: (id) => kv.put('town', id),
    runner: () => kv.get<string>('runner') ?? null,
    setRunner: (instance) => void (instance === null ? kv.delete('runner') : kv.put('runner', instance)),
    linked: () => kv.get<boolean>('linked') ?? false,
    setLinked: (linked) => kv.put('linked', linked),
    deleted: () => kv.get<boolean>('deleted') ?? false,
    setDeleted: () => kv.put('deleted', true),
    triesOf(name) {
      const broken = kv.get<{ name: string; tries: number }>('broken');
      return broken?.name === name ? broken.tries : 0;
    },
    setTries: (name, tries) => kv.put('broken', { name, tries }),
    alarmFailures: () => kv.get<number>('alarmFailures') ?? 0,
    setAlarmFailures: (count) => kv.put('alarmFailures', count),
  };
}
