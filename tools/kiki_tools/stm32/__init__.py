"""STM32 firmware in C: what the chip allows, beside what the compiler says."""
