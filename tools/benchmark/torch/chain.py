"""Sampling and training as diffusers users write them: DDIM with guidance, one autograd graph from a trained step to the reward."""

import torch


def encode(pipeline, prompts):
    """`[2n, tokens, width]`, unconditional half first."""
    tokens = pipeline.tokenizer(
        [""] * len(prompts) + prompts,
        padding="max_length",
        max_length=pipeline.tokenizer.model_max_length,
        truncation=True,
        return_tensors="pt",
    )
    with torch.no_grad():
        return pipeline.text(tokens.input_ids).last_hidden_state


def noise_of(pipeline, x, timestep, context):
    """The noise that the network finds in `x`."""
    out = pipeline.unet(x, timestep, context).sample.float()
    if not pipeline.velocity:
        return out
    product = pipeline.scheduler.alphas_cumprod[int(timestep)]
    return product.sqrt() * out + (1 - product).sqrt() * x


def guided(pipeline, x, timestep, context, guidance):
    both = noise_of(pipeline, torch.cat([x, x]), timestep, context)
    unconditional, conditional = both.chunk(2)
    return unconditional + guidance * (conditional - unconditional)


def decode(pipeline, latents):
    """Pixels, `[0, 1]` being the visible range."""
    vae = pipeline.vae
    return vae.decode(latents.to(vae.dtype) / vae.config.scaling_factor).sample.float() / 2 + 0.5


def symmetry(images):
    difference = (images - images.flip(-1)).abs().mean(dim=(1, 2, 3))
    return -difference / images.std(dim=(1, 2, 3), correction=0)


def sample(pipeline, x, context, guidance, train=(), detach=False):
    """Runs the chain; the network is in the autograd graph at the steps of `train`, `T` being the first to run."""
    timesteps = pipeline.scheduler.timesteps
    last = max(train, default=0)
    for index, timestep in enumerate(timesteps):
        t = len(timesteps) - index
        with torch.set_grad_enabled(t in train):
            noise = guided(pipeline, x.detach() if detach else x, timestep, context, guidance)
        with torch.set_grad_enabled(t <= last):
            x = pipeline.scheduler.step(noise, timestep, x, eta=0.0).prev_sample
    return x
