"""LoRA adapters: their formats, algebra, health, store, and the gate that admits them. numpy only."""
