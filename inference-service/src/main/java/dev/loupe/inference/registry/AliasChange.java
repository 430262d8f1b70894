package dev.loupe.inference.registry;

/** An alias has moved. Observers run in the transaction of the move. */
public record AliasChange(Model model, AliasMove move) {}
