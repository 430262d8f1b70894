update alias_move set gate = 'NO_INCUMBENT' where gate = 'NO_HOLDER';
