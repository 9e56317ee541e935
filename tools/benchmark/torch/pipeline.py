"""A Stable Diffusion checkpoint with a LoRA, as diffusers and peft load it."""

from types import SimpleNamespace

from diffusers import AutoencoderKL, DDIMScheduler, StableDiffusionPipeline, UNet2DConditionModel
from diffusers.training_utils import cast_training_params
from transformers import CLIPTextModel, CLIPTokenizer


def load(setup, variant):
    """The parts of the checkpoint; `unet` has the LoRA in float32, everything else is frozen."""
    folder = setup["model"]
    part = lambda kind, name: kind.from_pretrained(folder, subfolder=name, torch_dtype=variant.weights)
    unet = variant.prepare(part(UNet2DConditionModel, "unet"))
    vae = variant.prepare(part(AutoencoderKL, "vae"))
    text = variant.prepare(part(CLIPTextModel, "text_encoder"))
    state, alphas = StableDiffusionPipeline.lora_state_dict(setup["lora"])
    StableDiffusionPipeline.load_lora_into_unet(state, alphas, unet=unet)
    lora = [value for name, value in unet.named_parameters() if "lora_" in name]
    for parameter in lora:
        parameter.requires_grad_()
    cast_training_params([unet])
    # The network's output is turned into noise before guidance, whatever it predicts, as DRTune detaches the noise.
    own = DDIMScheduler.load_config(folder, subfolder="scheduler")
    scheduler = DDIMScheduler.from_config(own, prediction_type="epsilon")
    scheduler.set_timesteps(setup["steps"])
    return SimpleNamespace(
        unet=variant.finish(unet),
        vae=variant.finish(vae),
        text=text,
        tokenizer=CLIPTokenizer.from_pretrained(folder, subfolder="tokenizer"),
        scheduler=scheduler,
        velocity=own.get("prediction_type") == "v_prediction",
        lora=[value for name, value in unet.named_parameters() if "lora_" in name],
    )
