#!/usr/bin/env python3
"""Trains the shapes model: MobileNetV2 (width 0.35, 96x96, ten classes) on
pictures that draw.js draws, and writes shapes.onnx. Needs Node.js (draw.js),
PyTorch (made with 1.13) and NumPy; runs on the CPU.

    python3 train.py --work DIR [--epochs N] [--out FILE]

Pictures come as records of one label byte and size * size * 3 RGB bytes. They
are drawn into --work (about 1.2 GB) once and used again by later runs.
"""

import argparse
import hashlib
import json
import math
import os
import subprocess
import time

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from halve import halve

HERE = os.path.dirname(os.path.abspath(__file__))
SIDE = 96
# (pictures, side as drawn, series seed): mostly at the model's own size, the
# rest resized to it, so that a resized picture looks familiar too.
TRAIN = [(24000, 96, 1001), (3000, 64, 1002), (3000, 144, 1003)]
TEST = (4000, 96, 2001)


def labels():
    """The class names, in the order of the model's outputs."""
    code = "console.log(require('./draw.js').LABELS.join('\\n'))"
    return subprocess.check_output(["node", "-e", code], cwd=HERE, text=True).split()


def pictures(work, count, side, seed):
    """Draws a series, or finds it drawn; (uint8 [n,3,96,96], int64 [n])."""
    path = os.path.join(work, f"shapes-{seed}-{count}-{side}.raw")
    if not os.path.exists(path):
        subprocess.run(
            ["node", "draw.js", "--count", str(count), "--seed", str(seed),
             "--size", str(side), "--raw", path + ".part"], cwd=HERE, check=True)
        os.rename(path + ".part", path)
    records = np.fromfile(path, np.uint8).reshape(count, 1 + side * side * 3)
    target = torch.from_numpy(records[:, 0].astype(np.int64))
    image = torch.from_numpy(records[:, 1:].reshape(count, side, side, 3))
    image = image.permute(0, 3, 1, 2).contiguous()
    if side != SIDE:
        image = torch.cat([
            F.interpolate(part.float(), (SIDE, SIDE), mode="bilinear", align_corners=False)
            .round().clamp(0, 255).byte() for part in image.split(500)])
    return image, target


def round8(channels):
    """Rounds to a multiple of 8, never down by more than a tenth."""
    near = max(8, int(channels + 4) // 8 * 8)
    return near + 8 if near < 0.9 * channels else near


def conv_bn(cin, cout, kernel, stride=1, groups=1, act=True):
    layers = [nn.Conv2d(cin, cout, kernel, stride, kernel // 2, groups=groups, bias=False),
              nn.BatchNorm2d(cout)]
    return nn.Sequential(*layers, *([nn.ReLU6()] if act else []))


class Bottleneck(nn.Module):
    """Expand (1x1), filter each channel (3x3), project back (1x1, linear)."""

    def __init__(self, cin, cout, stride, expand):
        super().__init__()
        mid = cin * expand
        self.skip = stride == 1 and cin == cout
        self.body = nn.Sequential(
            *([conv_bn(cin, mid, 1)] if expand > 1 else []),
            conv_bn(mid, mid, 3, stride, groups=mid),
            conv_bn(mid, cout, 1, act=False))

    def forward(self, x):
        return x + self.body(x) if self.skip else self.body(x)


class MobileNetV2(nn.Module):
    """Sandler et al., arXiv 1801.04381, table 2."""

    # expansion, channels, repeats, stride of the first
    STAGES = [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2),
              (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)]

    def __init__(self, width, classes):
        super().__init__()
        cin = round8(32 * width)
        layers = [conv_bn(3, cin, 3, 2)]
        for expand, channels, repeats, stride in self.STAGES:
            cout = round8(channels * width)
            for n in range(repeats):
                layers.append(Bottleneck(cin, cout, stride if n == 0 else 1, expand))
                cin = cout
        self.features = nn.Sequential(*layers, conv_bn(cin, 1280, 1))
        self.drop = nn.Dropout(0.1)
        self.classifier = nn.Linear(1280, classes)

    def forward(self, x):
        x = F.adaptive_avg_pool2d(self.features(x), 1)
        return self.classifier(self.drop(torch.flatten(x, 1)))


def scaled(image):
    """Bytes to the model's input: pixel / 127.5 - 1 (channels last: faster)."""
    return (image.float() / 127.5 - 1).contiguous(memory_format=torch.channels_last)


def augment(image):
    """Turns and mirrors a batch (each picture by its own), swaps colours."""
    pick = torch.randint(0, 8, (len(image),))
    out = image.clone()
    for n in range(1, 8):
        part = image[pick == n]
        if len(part):
            part = torch.rot90(part, n % 4, (2, 3))
            out[pick == n] = part.flip(3) if n >= 4 else part
    return out[:, torch.randperm(3)]


def accuracy(net, image, target):
    """Share of pictures whose best class is the right one."""
    net.eval()
    with torch.no_grad():
        guess = torch.cat([net(scaled(part)).argmax(1) for part in image.split(250)])
    return (guess == target).float().mean().item()


def train(net, image, target, test, args):
    steps = len(image) // args.batch
    total, warm = steps * args.epochs, steps // 2
    decay = [p for p in net.parameters() if p.dim() > 1]
    plain = [p for p in net.parameters() if p.dim() <= 1]
    optimiser = torch.optim.AdamW(
        [{"params": decay, "weight_decay": 0.02}, {"params": plain, "weight_decay": 0.0}],
        lr=args.rate)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda i: min(
        (i + 1) / warm, 0.5 * (1 + math.cos(math.pi * i / total)) + 0.002))
    start = time.time()
    for epoch in range(args.epochs):
        net.train()
        order = torch.randperm(len(image))
        mean = 0.0
        for step in range(steps):
            index = order[step * args.batch:(step + 1) * args.batch]
            loss = F.cross_entropy(net(scaled(augment(image[index]))), target[index],
                                   label_smoothing=0.05)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            mean += loss.item() / steps
            if step % 50 == 0:
                print(f"epoch {epoch + 1} step {step}/{steps} loss {loss.item():.3f} "
                      f"{time.time() - start:.0f} s", flush=True)
        print(f"epoch {epoch + 1}/{args.epochs} loss {mean:.4f} "
              f"top-1 {accuracy(net, *test):.4f} {time.time() - start:.0f} s", flush=True)
        torch.save(net.state_dict(), os.path.join(args.work, "shapes.pt"))


def export(net, path):
    """Writes ONNX with batch normalisation folded in, a free batch axis and weights
    in float16."""
    net.eval().to(memory_format=torch.contiguous_format)
    torch.onnx.export(
        net, torch.zeros(1, 3, SIDE, SIDE), path, opset_version=13,
        input_names=["input"], output_names=["logits"], do_constant_folding=True,
        dynamic_axes={"input": {0: "batch"}, "logits": {0: "batch"}})
    with open(path, "rb") as file:
        model = halve(file.read())
    with open(path, "wb") as file:
        file.write(model)


def record(path, top1, count, seed):
    """Keeps model.json beside the model in step with it."""
    notes = os.path.join(os.path.dirname(os.path.abspath(path)), "model.json")
    if not os.path.exists(notes):
        return
    with open(path, "rb") as file:
        model = file.read()
    with open(notes, encoding="utf-8") as file:
        facts = json.load(file)
    facts["sha256"] = hashlib.sha256(model).hexdigest()
    facts["bytes"] = len(model)
    facts["accuracy"] = {
        "top1": round(top1, 4), "images": count, "seed": seed,
        "measured_with": f"PyTorch {torch.__version__.split('a')[0]}, float32, CPU"}
    with open(notes, "w", encoding="utf-8") as file:
        file.write(json.dumps(facts, indent=2) + "\n")


def main():
    parser = argparse.ArgumentParser(description="Trains the shapes model.")
    parser.add_argument("--work", required=True, help="folder for pictures and checkpoints")
    parser.add_argument("--out", default=os.path.join(HERE, "shapes.onnx"))
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--rate", type=float, default=3e-3, help="highest learning rate")
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()

    torch.manual_seed(1)
    torch.set_num_threads(args.threads)
    os.makedirs(args.work, exist_ok=True)
    parts = [pictures(args.work, *series) for series in TRAIN]
    image = torch.cat([part[0] for part in parts])
    target = torch.cat([part[1] for part in parts])
    del parts
    test = pictures(args.work, *TEST)
    net = MobileNetV2(0.35, len(labels())).to(memory_format=torch.channels_last)
    print(f"{sum(p.numel() for p in net.parameters())} parameters, {len(image)} pictures")
    train(net, image, target, test, args)
    export(net, args.out)
    top1 = accuracy(net, *test)
    record(args.out, top1, TEST[0], TEST[2])
    print(f"top-1 {top1:.4f} on {TEST[0]} pictures never trained on")


if __name__ == "__main__":
    main()
