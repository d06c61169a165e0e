#include <algorithm>
#include <cmath>
#include <limits>

#include "tools/figures/figures.h"

namespace qipu::tools {
namespace {

// Found by a random search over hue families for the greatest least distance under all three
// visions with contrast >= 5 to white; the test holds both.
constexpr std::array<Colour, kHues> kPalette = {{
    {0x1d, 0x40, 0x7d},  // blue
    {0x0d, 0x7e, 0x66},  // teal
    {0xac, 0x58, 0x17},  // rust
    {0x74, 0x30, 0xbf},  // violet
    {0xbd, 0x17, 0x4c},  // crimson
    {0x51, 0x3f, 0x0b},  // umber
    {0x1b, 0x24, 0x31},  // slate
}};

using Vector3 = std::array<double, 3>;
using Matrix3 = std::array<Vector3, 3>;

// Machado, Oliveira and Fernandes 2009, "A physiologically-based model for simulation of color
// vision deficiency", severity 1.0, on linear RGB.
constexpr Matrix3 kProtan = {{{0.152286, 1.052583, -0.204868},
                              {0.114503, 0.786281, 0.099216},
                              {-0.003882, -0.048116, 1.051998}}};
constexpr Matrix3 kDeutan = {{{0.367322, 0.860646, -0.227968},
                              {0.280085, 0.672501, 0.047413},
                              {-0.011820, 0.042940, 0.968881}}};
// IEC 61966-2-1 linear sRGB to CIE XYZ, D65, already divided by the white point.
constexpr Matrix3 kToXyz = {{{0.4124564 / 0.95047, 0.3575761 / 0.95047, 0.1804375 / 0.95047},
                             {0.2126729, 0.7151522, 0.0721750},
                             {0.0193339 / 1.08883, 0.1191920 / 1.08883, 0.9503041 / 1.08883}}};

double Linear(uint8_t channel) {
  const double c = channel / 255.0;
  return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
}

Vector3 LinearRgb(Colour c) { return {Linear(c.red), Linear(c.green), Linear(c.blue)}; }

Vector3 Multiply(const Matrix3& m, const Vector3& v) {
  Vector3 out{};
  for (size_t i = 0; i < 3; ++i) out[i] = m[i][0] * v[0] + m[i][1] * v[1] + m[i][2] * v[2];
  return out;
}

Vector3 Seen(Colour colour, Vision vision) {
  const Vector3 rgb = LinearRgb(colour);
  Vector3 seen = rgb;
  switch (vision) {
    case Vision::kNormal:
      break;
    case Vision::kProtan:
      seen = Multiply(kProtan, rgb);
      break;
    case Vision::kDeutan:
      seen = Multiply(kDeutan, rgb);
      break;
  }
  for (double& c : seen) c = std::clamp(c, 0.0, 1.0);
  return seen;
}

Vector3 Lab(const Vector3& rgb) {
  Vector3 f = Multiply(kToXyz, rgb);
  for (double& t : f) {
    t = t > 216.0 / 24389.0 ? std::cbrt(t) : (24389.0 / 27.0 * t + 16.0) / 116.0;
  }
  return {116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])};
}

double Luminance(Colour c) { return Multiply(kToXyz, LinearRgb(c))[1]; }

}  // namespace

Colour BandColour(size_t index) { return kPalette[index % kHues]; }

Colour Mix(Colour a, Colour b, double share) {
  const auto channel = [share](uint8_t from, uint8_t to) {
    return static_cast<uint8_t>(std::lround(from + (to - from) * share));
  };
  return {channel(a.red, b.red), channel(a.green, b.green), channel(a.blue, b.blue)};
}

double Contrast(Colour a, Colour b) {
  const double la = Luminance(a), lb = Luminance(b);
  return (std::max(la, lb) + 0.05) / (std::min(la, lb) + 0.05);
}

double ColourDistance(Colour a, Colour b, Vision vision) {
  const Vector3 la = Lab(Seen(a, vision)), lb = Lab(Seen(b, vision));
  return std::hypot(la[0] - lb[0], la[1] - lb[1], la[2] - lb[2]);
}

std::string CssColour(Colour colour) {
  constexpr char kHex[] = "0123456789abcdef";
  std::string css = "#";
  for (const uint8_t c : {colour.red, colour.green, colour.blue}) {
    css += kHex[c >> 4];
    css += kHex[c & 15];
  }
  return css;
}

}  // namespace qipu::tools
