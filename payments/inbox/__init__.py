"""The webhook inbox beside its main road: strangers, rehearsals, replays, alarms, forgetting."""
