"""The widgets of the transcript, prompt and expert bar."""
