"""The pieces of work. Each is made once and then run; a run gives numbers by which it is compared with the other side."""

import torch
from safetensors.torch import load_file

import chain
from pipeline import load


def numbers(**values):
    return {name: float(value.detach()) for name, value in values.items()}


def norm(tensors):
    return torch.sqrt(sum(tensor.float().square().sum() for tensor in tensors))


def pipeline_task(work):
    """Work on a loaded pipeline and the shared inputs."""

    def make(setup, variant):
        pipeline = load(setup, variant)
        inputs = load_file(setup["inputs"])
        return work(setup, variant, pipeline, inputs)

    return make


def predict(setup, variant, pipeline, inputs):
    both = torch.cat([inputs["latents"]] * 2)
    context = chain.encode(pipeline, setup["prompts"])

    def run():
        with torch.no_grad(), variant.autocast():
            out = chain.noise_of(pipeline, both, 500, context)
        return numbers(output=norm([out]))

    return run


def predict_gradient(setup, variant, pipeline, inputs):
    both = torch.cat([inputs["latents"]] * 2)
    context = chain.encode(pipeline, setup["prompts"])

    def run():
        latents = both.clone().requires_grad_()
        with variant.autocast():
            out = chain.noise_of(pipeline, latents, 500, context)
        out.square().mean().backward()
        result = numbers(gradient=norm([p.grad for p in pipeline.lora]), input=norm([latents.grad]))
        for parameter in pipeline.lora:
            parameter.grad = None
        return result

    return run


def sampling(setup, variant, pipeline, inputs):
    def run():
        with torch.no_grad(), variant.autocast():
            context = chain.encode(pipeline, setup["prompts"])
            latents = chain.sample(pipeline, inputs["latents"], context, setup["guidance"])
            images = chain.decode(pipeline, latents)
        return numbers(latents=norm([latents]), images=norm([images.clamp(0, 1)]))

    return run


def iteration(setup, variant, pipeline, inputs):
    optimiser = torch.optim.AdamW(pipeline.lora, lr=setup["learningRate"], weight_decay=0.1)
    begin = [parameter.detach().clone() for parameter in pipeline.lora]

    def run():
        optimiser.zero_grad(set_to_none=True)
        with variant.autocast():
            context = chain.encode(pipeline, setup["prompts"])
            latents = chain.sample(
                pipeline, inputs["latents"], context, setup["guidance"], setup["train"], setup["detach"]
            )
            images = chain.decode(pipeline, latents)
        images = images + (images.clamp(0, 1) - images).detach()
        rewards = chain.symmetry(images)
        (-rewards.mean()).backward()
        length = torch.nn.utils.clip_grad_norm_(pipeline.lora, 1.0)
        optimiser.step()
        with torch.no_grad():
            for parameter, value in zip(pipeline.lora, begin):
                parameter.copy_(value)
        return numbers(reward=rewards.mean(), gradient=length)

    return run


def decode_gradient(setup, variant, pipeline, inputs):
    def run():
        latents = inputs["latents"].clone().requires_grad_()
        with variant.autocast():
            images = chain.decode(pipeline, latents)
        images.square().mean().backward()
        return numbers(images=norm([images]), gradient=norm([latents.grad]))

    return run


def clip_gradient(setup, variant):
    from transformers import CLIPModel, CLIPTokenizer

    clip = variant.finish(variant.prepare(CLIPModel.from_pretrained(setup["model"], torch_dtype=variant.weights)))
    images = load_file(setup["inputs"])["images"]
    tokenizer = CLIPTokenizer.from_pretrained(setup["model"])
    tokens = tokenizer(setup["prompts"], padding="max_length", max_length=77, truncation=True, return_tensors="pt")
    mean = torch.tensor([0.48145466, 0.4578275, 0.40821073]).view(1, 3, 1, 1)
    deviation = torch.tensor([0.26862954, 0.26130258, 0.27577711]).view(1, 3, 1, 1)

    def run():
        pixels = images.clone().requires_grad_()
        side = clip.config.vision_config.image_size
        resized = torch.nn.functional.interpolate(
            pixels, (side, side), mode="bilinear", antialias=True, align_corners=False
        )
        with variant.autocast():
            seen = clip.vision_model(pixel_values=(resized - mean) / deviation).pooler_output
            seen = torch.nn.functional.normalize(clip.visual_projection(seen).float(), dim=-1)
            with torch.no_grad():
                read = clip.text_projection(clip.text_model(tokens.input_ids).pooler_output)
                read = torch.nn.functional.normalize(read.float(), dim=-1)
        score = (seen * read).sum(-1)
        score.sum().backward()
        return numbers(score=score.mean(), gradient=norm([pixels.grad]))

    return run


TASKS = {
    "predict": pipeline_task(predict),
    "predict-gradient": pipeline_task(predict_gradient),
    "sampling": pipeline_task(sampling),
    "draft-1": pipeline_task(iteration),
    "drtune": pipeline_task(iteration),
    "decode-gradient": pipeline_task(decode_gradient),
    "clip-l": clip_gradient,
    "clip-h": clip_gradient,
}
