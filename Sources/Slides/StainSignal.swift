import Foundation
import Imaging
import Records

/// How much stain each pixel of an overview shows, and how much is needed to be tissue. One rule for strong, pale and grey tissue:
///
/// A pixel's signal is the spread of the optical densities of its three channels against the slide's own glass (`Glass`), if
/// that is more than a quarter of their mean (stains have over a third), so that neutral shading, lines and dust give none,
/// whatever colour compression gave them. A spread of at most 0.03 counts only where half of the pixels around have grain
/// (`Grain`): coloured shading, tints and the edge of a cover slip have none. Tissue has more than three tenths of what the
/// slide's strongest tenth has, never less than the noise of the glass (mean and five standard deviations) and never more than
/// 0.066 where that noise allows it. Where colour finds less than a quarter of what grain does, as in grey pictures and silver
/// stains, the density itself is the signal, where it is over 0.012 and most of the pixels around have grain: shading has none;
/// lines, rings and specks fill too little.
struct StainSignal {
    /// Thousandths of optical density, 0 for what cannot be tissue.
    let values: [Int16]
    /// Tissue has more than this.
    let threshold: Int

    init(_ overview: Overview) {
        let grain = Grain(overview)
        let glass = Glass(overview, grain)
        var colour = glass.colours(of: overview)
        let noise = glass.noise(of: colour)
        let least = glass.grain(of: grain)
        grain.clear(&colour, upTo: Self.weak, whereLessThan: 0.5) { max(4, 2 * least) < $1 }
        var threshold = Self.threshold(for: colour, over: noise)
        let coloured = colour.count { $0 > threshold }
        if coloured * Self.fewTimes < glass.count(of: overview, denserThan: noise) {
            var density = glass.densities(of: overview)
            // Only what is dense itself counts: compression gives the surroundings of a line grain.
            grain.clear(&density, upTo: .max, whereLessThan: 0.6) { Self.palest < $0 && max(6, 3 * least) < $1 }
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
    /// Shading, tints and compression have less.
    private static let weak: Int16 = 30
    private static let palest = 12
    private static let fewTimes = 4
}

/// How much the brightness changes from pixel to pixel: over two pixels in both axes, in quarters of a grey level. Tissue has
/// grain however pale it is; glass has none, whatever its shading and tint, since compression dithers colour, not brightness.
struct Grain {
    let values: [UInt16]
    private let width: Int
    private let height: Int

    init(_ overview: Overview) {
        (width, height) = (overview.image.width, overview.image.height)
        var brightness = [UInt16](repeating: 0, count: width * height)
        overview.forEachScanned { brightness[$0] = 77 * UInt16($1) + 150 * UInt16($2) + 29 * UInt16($3) }
        var values = [UInt16](repeating: 0, count: width * height)
        func step(_ one: Int, _ other: Int) -> Int { abs(Int(brightness[one]) - Int(brightness[other])) }
        for y in 0..<height {
            for x in 0..<width {
                let at = y * width + x
                var value = 0
                if x > 0, x < width - 1 { value += step(at + 1, at - 1) }
                if y > 0, y < height - 1 { value += step(at + width, at - width) }
                values[at] = UInt16(value / 64)
            }
        }
        self.values = values
    }

    /// Clears a signal where fewer pixels count than this share of the square of 15 around.
    /// - Parameters:
    ///   - highest: what is more stands anyway.
    ///   - counts: told the signal and the grain of a pixel.
    func clear(_ signal: inout [Int16], upTo highest: Int16, whereLessThan share: Double, counts: (Int, Int) -> Bool) {
        let reach = Self.reach
        // Of the rows around the one at hand: which pixels count, and how many of each column do. Rows below it are not cleared yet.
        var rows = [[Bool]](repeating: [Bool](repeating: false, count: width), count: 2 * reach + 1)
        var columns = [Int](repeating: 0, count: width)
        for last in 0..<(height + reach) {
            let place = last % rows.count
            for x in 0..<width {
                let isOne = last < height && counts(Int(signal[last * width + x]), Int(values[last * width + x]))
                columns[x] += (isOne ? 1 : 0) - (rows[place][x] ? 1 : 0)
                rows[place][x] = isOne
            }
            if last >= reach { clear(&signal, row: last - reach, upTo: highest, whereLessThan: share, columns) }
        }
    }

    /// - Parameter columns: how many pixels count in each column of the square.
    private func clear(
        _ signal: inout [Int16],
        row: Int,
        upTo highest: Int16,
        whereLessThan share: Double,
        _ columns: [Int]
    ) {
        let tall = min(height, row + Self.reach + 1) - max(0, row - Self.reach)
        var ones = columns.prefix(Self.reach).reduce(0, +)
        for x in 0..<width {
            if x + Self.reach < width { ones += columns[x + Self.reach] }
            if x > Self.reach { ones -= columns[x - Self.reach - 1] }
            let at = row * width + x
            guard signal[at] > 0, signal[at] <= highest else { continue }
            let wide = min(width, x + Self.reach + 1) - max(0, x - Self.reach)
            if Double(ones) / Double(wide * tall) < share { signal[at] = 0 }
        }
    }

    private static let reach = 7
}

extension Overview {
    /// Hands over the place and the colour of every pixel that was scanned.
    @inline(__always)
    func forEachScanned(_ body: (Int, UInt8, UInt8, UInt8) -> Void) {
        image.pixels.withUnsafeBufferPointer { pixels in
            for at in alpha.indices where alpha[at] >= 128 {
                body(at, pixels[at * 3], pixels[at * 3 + 1], pixels[at * 3 + 2])
            }
        }
    }
}
