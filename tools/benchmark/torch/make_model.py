"""Writes checkpoints with random weights: Stable Diffusion 1.5's configuration, or one of CLIP's, in the layout of its publisher.

    python make_model.py sd15 FOLDER --tokenizer MINIATURE
"""

import argparse
import shutil
from pathlib import Path

import torch
from diffusers import AutoencoderKL, DDIMScheduler, UNet2DConditionModel
from transformers import CLIPConfig, CLIPModel, CLIPTextConfig, CLIPTextModel

TEXT = {"hidden_size": 768, "intermediate_size": 3072, "num_hidden_layers": 12, "num_attention_heads": 12}
CLIPS = {
    "clip-l": {
        "text_config": TEXT,
        "vision_config": {
            **{"hidden_size": 1024, "intermediate_size": 4096, "num_hidden_layers": 24},
            **{"num_attention_heads": 16, "patch_size": 14, "image_size": 224},
        },
        "projection_dim": 768,
    },
    "clip-h": {
        "text_config": {
            **{"hidden_size": 1024, "intermediate_size": 4096, "num_hidden_layers": 24},
            **{"num_attention_heads": 16, "hidden_act": "gelu"},
        },
        "vision_config": {
            **{"hidden_size": 1280, "intermediate_size": 5120, "num_hidden_layers": 32, "hidden_act": "gelu"},
            **{"num_attention_heads": 16, "patch_size": 14, "image_size": 224},
        },
        "projection_dim": 1024,
    },
}


def stable_diffusion(folder, tokenizer):
    unet = UNet2DConditionModel(sample_size=64, cross_attention_dim=768, attention_head_dim=8).bfloat16()
    unet.save_pretrained(folder / "unet")
    vae = AutoencoderKL(
        down_block_types=["DownEncoderBlock2D"] * 4,
        up_block_types=["UpDecoderBlock2D"] * 4,
        block_out_channels=[128, 256, 512, 512],
        layers_per_block=2,
        latent_channels=4,
        sample_size=512,
    ).bfloat16()
    vae.save_pretrained(folder / "vae")
    CLIPTextModel(CLIPTextConfig(**TEXT)).bfloat16().save_pretrained(folder / "text_encoder")
    scheduler = DDIMScheduler(
        beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", steps_offset=1,
        clip_sample=False, set_alpha_to_one=False,
    )
    scheduler.save_pretrained(folder / "scheduler")
    shutil.copytree(tokenizer, folder / "tokenizer")
    (folder / "model_index.json").write_text(
        '{"_class_name": "StableDiffusionPipeline", "scheduler": ["diffusers", "DDIMScheduler"],'
        ' "text_encoder": ["transformers", "CLIPTextModel"], "tokenizer": ["transformers", "CLIPTokenizer"],'
        ' "unet": ["diffusers", "UNet2DConditionModel"], "vae": ["diffusers", "AutoencoderKL"]}\n'
    )


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("kind", choices=["sd15", *CLIPS])
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--tokenizer", type=Path, required=True)
    chosen = arguments.parse_args()
    torch.manual_seed(0)
    partial = chosen.folder.with_name(chosen.folder.name + ".part")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    if chosen.kind == "sd15":
        stable_diffusion(partial, chosen.tokenizer)
    else:
        CLIPModel(CLIPConfig(**CLIPS[chosen.kind])).bfloat16().save_pretrained(partial)
        shutil.copytree(chosen.tokenizer, partial, dirs_exist_ok=True)
    partial.rename(chosen.folder)


main()
