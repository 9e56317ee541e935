import type { ClipConfig } from '../model/clip-config.js';
import { parseOpenClipConfig } from './open-clip-config.js';

/** ViT-H-14 as LAION trained it: HPSv2, PickScore and `laion/CLIP-ViT-H-14-laion2B-s32B-b79K`. */
export const clipH14: ClipConfig = parseOpenClipConfig({
  embed_dim: 1024,
  vision_cfg: { image_size: 224, layers: 32, width: 1280, head_width: 80, patch_size: 14 },
  text_cfg: { context_length: 77, vocab_size: 49408, width: 1024, heads: 16, layers: 24 },
});

/** ViT-L-14 as OpenAI trained it: `openai/clip-vit-large-patch14`. */
export const clipL14: ClipConfig = parseOpenClipConfig({
  embed_dim: 768,
  quick_gelu: true,
  vision_cfg: { image_size: 224, layers: 24, width: 1024, patch_size: 14 },
  text_cfg: { context_length: 77, vocab_size: 49408, width: 768, heads: 12, layers: 12 },
});
