import { createRuntime, tf, conv2d, groupNorm } from '@draft/core';
const rt = await createRuntime({ computeType: (process.argv[2] ?? 'float32') as any });
const time = async (name: string, f: any, inputs: any, flops: number, n=5) => {
  const c = rt.compile(name, f); 
  const run = async () => { const o: any = await c(inputs); const k = Object.keys(o)[0]!; (o[k] as any).dataSync(); tf.dispose(o); };
  await run(); await run(); const ts=[]; for (let i=0;i<n;i++){ const t=performance.now(); await run(); ts.push(performance.now()-t);} ts.sort((a,b)=>a-b);
  console.log(name.padEnd(28), ts[0]!.toFixed(1).padStart(8),'ms', flops ? (flops/ts[0]!/1e6).toFixed(1)+' GFLOP/s':'');
};
const B=32;
for (const [s,c] of [[64,32],[32,48],[8,64]] as const) {
  const x = tf.randomNormal([B,s,s,c]); const w = tf.randomNormal([3,3,c,c]); const b = tf.zeros([c]); const g=tf.ones([c]);
  const fl = 2*B*s*s*c*c*9;
  await time(`conv ${s} ${c}`, ({x,w,b}: any)=>({y: conv2d(x,{weight:w,bias:b})}), {x,w,b}, fl);
  await time(`conv dx ${s} ${c}`, ({x,w,b}: any)=>({y: tf.grad((x: any)=>tf.sum(tf.square(conv2d(x,{weight:w,bias:b}))))(x)}), {x,w,b}, 2*fl);
  await time(`conv dw ${s} ${c}`, ({x,w,b}: any)=>({y: tf.grad((w: any)=>tf.sum(tf.square(conv2d(x,{weight:w,bias:b}))))(w)}), {x,w,b}, 2*fl);
  await time(`gn ${s} ${c}`, ({x,g,b}: any)=>({y: groupNorm(x,{gamma:g,beta:b},{groups:8,epsilon:1e-6,activation:'silu'})}), {x,g,b}, 0);
  await time(`gn grad ${s} ${c}`, ({x,g,b}: any)=>{ const [a,bb,cc]=tf.grads((x: any,g: any,b: any)=>tf.sum(tf.square(groupNorm(x,{gamma:g,beta:b},{groups:8,epsilon:1e-6,activation:'silu'}))))([x,g,b]); return {y:a,bb,cc} as any}, {x,g,b}, 0);
}
