"""How PyTorch is told to work: what a user would try to make it fast or small."""

from dataclasses import dataclass

import torch

NAMES = ("bfloat16", "channels-last", "checkpointing", "compile")


@dataclass(frozen=True)
class Variant:
    """`bfloat16`: frozen weights stored so, and autocast; the rest as their names say."""

    bfloat16: bool = False
    channels_last: bool = False
    checkpointing: bool = False
    compile: bool = False

    @property
    def weights(self):
        return torch.bfloat16 if self.bfloat16 else torch.float32

    def autocast(self):
        return torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.bfloat16)

    def prepare(self, network):
        """A frozen network, as this variant wants it."""
        network.requires_grad_(False)
        if self.channels_last:
            network.to(memory_format=torch.channels_last)
        if self.checkpointing and hasattr(network, "enable_gradient_checkpointing"):
            # diffusers checkpoints in training mode only; these networks have no dropout.
            network.enable_gradient_checkpointing()
            network.train()
        return network

    def finish(self, network):
        """What comes after the LoRA is in."""
        if self.compile:
            network.compile()
        return network


def parse_variant(text):
    chosen = [name for name in text.split("+") if name and name != "plain"]
    for name in chosen:
        if name not in NAMES:
            raise SystemExit(f"a PyTorch variant is made of {', '.join(NAMES)} and plus signs, not {name}")
    return Variant(**{name.replace("-", "_"): True for name in chosen})
