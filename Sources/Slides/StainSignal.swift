import Foundation
import Records

/// How much stain each pixel of an overview shows, and how much is needed to be tissue. One rule for strong, pale and grey tissue:
///
/// The glass is the commonest bright colour of the slide, of any tint. A pixel's signal is the spread of the optical
/// densities of its three channels against that glass, if that is more than a quarter of their mean (stains have over a
/// third), so that neutral shading, lines and dust give none, whatever colour compression gave them. Tissue has more than
/// three tenths of what the slide's strongest tenth has, never less than the noise of the glass (mean and five standard
/// deviations over the pixels at least as bright as it) and never more than 0.066 where that noise allows it. Where colour
/// finds less than a quarter of what grain does, as in grey pictures and silver stains, the density itself is the signal,
/// wherever most of the pixels around have grain, and is never less than 0.03: shading has none; lines, rings and specks
/// fill too little.
struct StainSignal {
    /// Thousandths of optical density, 0 for what cannot be tissue.
    let values: [Int16]
    /// Tissue has more than this.
    let threshold: Int

    init(_ overview: Overview) {
        let glass = Glass(overview)
        var (colour, density) = glass.densities(of: overview)
        let noise = glass.noise(of: colour, overview)
        var threshold = Self.threshold(for: colour, over: noise)
        let coloured = colour.count { $0 > threshold }
        if coloured * Self.fewTimes < density.count(where: { $0 > noise }) {
            glass.keepGrained(&density, over: Self.palest, overview)
            if coloured * Self.fewTimes < density.count(where: { $0 > noise }) {
                for at in colour.indices { colour[at] = max(colour[at], density[at]) }
                threshold = max(Self.palest, Self.threshold(for: colour, over: noise))
            }
        }
        (values, self.threshold) = (colour, threshold)
    }

    private static func threshold(for values: [Int16], over noise: Int) -> Int {
        var histogram = [Int](repeating: 0, count: 4096)
        for value in values where value > noise { histogram[min(Int(value), 4095)] += 1 }
        let count = histogram.reduce(0, +)
        guard count > 0 else { return noise }
        var above = 0
        let strength = histogram.indices.reversed().first {
            above += histogram[$0]; return above * 10 >= count
        }
        return max(noise, min(highest, (strength ?? 0) * 3 / 10))
    }

    /// Tissue of a well stained slide has more.
    private static let highest = 66
    private static let fewTimes = 4
    /// What is darker than glass without colour may be its shading; that of eight grey levels has half of this.
    private static let palest = 30
}

/// The empty glass of a slide.
private struct Glass {
    private var colour = (240.0, 240.0, 240.0)
    /// Of the commonest bright pixels; nil where there are none.
    private var luminance: Int?
    /// Whether white is what the scanner fills with, beside a tinted glass.
    private var whiteIsFill = false

    init(_ overview: Overview) {
        var (all, tinted) = ([Int](repeating: 0, count: 256), [Int](repeating: 0, count: 256))
        Self.forEach(overview) { _, red, green, blue in
            guard Self.isPale(red, green, blue) else { return }
            let level = Self.luminance(red, green, blue)
            all[level] += 1
            if min(min(red, green), blue) < 255 { tinted[level] += 1 }
        }
        let count = all.reduce(0, +)
        guard count >= 20 else { return }
        var above = 0
        let top =
            all.indices.reversed().first {
                above += all[$0]; return above * 200 >= count
            } ?? 255
        func mode(_ histogram: [Int]) -> (level: Int, count: Int) {
            let found = (top * 4 / 5)...255
            func near(_ level: Int) -> Int { histogram[level - 1] + histogram[level] + histogram[min(level + 1, 255)] }
            let level = found.max { near($0) + histogram[$0] < near($1) + histogram[$1] } ?? top
            return (level, near(level))
        }
        var level = mode(all).level
        let other = mode(tinted)
        let white = all[255] - tinted[255]
        if white > 0, other.count * 5 >= white { (level, whiteIsFill) = (other.level, true) }
        var (sums, near) = ((0, 0, 0), 0)
        let fill = whiteIsFill
        Self.forEach(overview) { _, red, green, blue in
            guard abs(Self.luminance(red, green, blue) - level) <= 2, Self.isPale(red, green, blue) else { return }
            if fill, min(min(red, green), blue) == 255 { return }
            sums = (sums.0 + Int(red), sums.1 + Int(green), sums.2 + Int(blue))
            near += 1
        }
        guard near > 0 else { return }
        colour = (Double(sums.0) / Double(near), Double(sums.1) / Double(near), Double(sums.2) / Double(near))
        luminance = level
    }

    /// The spread of the channels' densities, and their mean by luminance.
    func densities(of overview: Overview) -> (colour: [Int16], density: [Int16]) {
        func table(_ glass: Double) -> [Int] {
            (0...255).map { max(-50, Int((log10(glass / max(Double($0), 1)) * 1000).rounded())) }
        }
        let (reds, greens, blues) = (table(colour.0), table(colour.1), table(colour.2))
        var colour = [Int16](repeating: 0, count: overview.alpha.count)
        var density = colour
        Self.forEach(overview) { at, red, green, blue in
            let highest = max(max(red, green), blue)
            // Black borders and ink crosses.
            if highest < 64, highest - min(min(red, green), blue) < 12 { return }
            let (r, g, b) = (reds[Int(red)], greens[Int(green)], blues[Int(blue)])
            let spread = max(max(r, g), b) - min(min(r, g), b)
            let mean = (77 * r + 150 * g + 29 * b) / 256
            // What darkens all channels alike, as lines and dust do, has some colour by compression.
            if spread * 4 > mean { colour[at] = Int16(truncatingIfNeeded: spread) }
            density[at] = Int16(truncatingIfNeeded: mean)
        }
        return (colour, density)
    }

    /// What the glass itself shows of a signal: mean and five standard deviations. Tissue is never brighter than glass.
    func noise(of signal: [Int16], _ overview: Overview) -> Int {
        var (count, sum, squares) = (0, 0, 0)
        forEachGlass(overview) { at in
            let value = Int(signal[at])
            (count, sum, squares) = (count + 1, sum + value, squares + value * value)
        }
        guard count >= 20 else { return 30 }
        let mean = Double(sum) / Double(count)
        let deviation = max(0, Double(squares) / Double(count) - mean * mean).squareRoot()
        return Int(min(max(mean + 5 * deviation, 5), 140))
    }

    /// Clears what does not lie among grain: differences over two pixels five times those of the glass, in six tenths of
    /// the square of 15 pixels around. Only what is dense itself counts: compression gives the surroundings of a line grain.
    func keepGrained(_ density: inout [Int16], over palest: Int, _ overview: Overview) {
        let (width, height) = (overview.image.width, overview.image.height)
        var grain = [Int](repeating: 0, count: density.count)
        for y in 0..<height {
            for x in 0..<width {
                let at = y * width + x
                var value = 0
                if x > 0, x < width - 1 { value += abs(Int(density[at + 1]) - Int(density[at - 1])) }
                if y > 0, y < height - 1 { value += abs(Int(density[at + width]) - Int(density[at - width])) }
                grain[at] = value
            }
        }
        var histogram = [Int](repeating: 0, count: 256)
        forEachGlass(overview) { histogram[min(grain[$0], 255)] += 1 }
        var below = 0
        let count = histogram.reduce(0, +)
        let median =
            histogram.firstIndex {
                below += $0; return below * 2 >= count
            } ?? 0
        let least = count >= 20 ? max(12, 5 * median) : 30
        let grained = BinaryImage(
            width: width,
            height: height,
            bits: grain.indices.map { grain[$0] > least && density[$0] > palest && overview.alpha[$0] >= 128 ? 1 : 0 }
        )
        let coverage = Coverage(of: grained, scale: 1)
        for at in density.indices where density[at] > 0 {
            let (x, y) = (at % width, at / width)
            let (left, right) = (max(0, x - 7), min(width, x + 8))
            let (top, bottom) = (max(0, y - 7), min(height, y + 8))
            let around = PixelRect(x: left, y: top, width: right - left, height: bottom - top)
            if coverage.fraction(of: around) < 0.6 { density[at] = 0 }
        }
    }

    private func forEachGlass(_ overview: Overview, _ body: (Int) -> Void) {
        guard let luminance else { return }
        Self.forEach(overview) { at, red, green, blue in
            guard Self.luminance(red, green, blue) >= luminance, Self.isPale(red, green, blue) else { return }
            if whiteIsFill, min(min(red, green), blue) == 255 { return }
            body(at)
        }
    }

    @inline(__always)
    private static func forEach(_ overview: Overview, _ body: (Int, UInt8, UInt8, UInt8) -> Void) {
        overview.image.pixels.withUnsafeBufferPointer { pixels in
            for at in overview.alpha.indices where overview.alpha[at] >= 128 {
                body(at, pixels[at * 3], pixels[at * 3 + 1], pixels[at * 3 + 2])
            }
        }
    }

    /// No glass is darker, nor tinted as much.
    private static func isPale(_ red: UInt8, _ green: UInt8, _ blue: UInt8) -> Bool {
        let highest = Int(max(max(red, green), blue))
        let chroma = highest - Int(min(min(red, green), blue))
        return chroma * 255 <= 60 * highest && luminance(red, green, blue) >= 110
    }

    private static func luminance(_ red: UInt8, _ green: UInt8, _ blue: UInt8) -> Int {
        (77 * Int(red) + 150 * Int(green) + 29 * Int(blue)) / 256
    }
}
