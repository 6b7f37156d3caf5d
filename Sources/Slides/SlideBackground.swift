import Config
import Imaging
import Records

/// What lies behind the tissue of a slide, told from its overview.
enum SlideBackground {
    /// Refuses fluorescence where tissue is looked for by its colour: on a dark ground everything that shines has some.
    ///
    /// A slide is dark where most of what was scanned is, and next to nothing of the rest is as bright as glass; a bright
    /// slide with wide black borders has its glass. One that is black all over shows nothing either way, and is empty.
    /// - Throws: `SlideError.darkBackground`.
    static func check(_ overview: Overview, _ wanted: MaskConfig.Background) throws {
        guard wanted == .bright else { return }
        var histogram = [Int](repeating: 0, count: 256)
        var glass = 0
        overview.image.pixels.withUnsafeBufferPointer { pixels in
            for at in overview.alpha.indices where overview.alpha[at] >= 128 {
                let (red, green, blue) = (pixels[at * 3], pixels[at * 3 + 1], pixels[at * 3 + 2])
                histogram[Int(max(max(red, green), blue))] += 1
                if min(min(red, green), blue) >= bright { glass += 1 }
            }
        }
        let scanned = histogram.reduce(0, +)
        let shown = scanned - histogram[..<black].reduce(0, +)
        let brightness = median(histogram, of: scanned)
        guard brightness < dim, shown * 1000 > scanned, glass * 20 < shown else { return }
        throw SlideError.darkBackground(brightness: brightness)
    }

    private static func median(_ histogram: [Int], of count: Int) -> Int {
        var below = 0
        return histogram.firstIndex {
            below += $0; return below * 2 >= count
        } ?? 0
    }

    /// Brightness below this is no light at all.
    private static let black = 24
    /// Stained tissue without any glass is brighter than this in its brightest channel.
    private static let dim = 50
    /// Glass has more than this in its darkest channel.
    private static let bright: UInt8 = 160
}

/// The colour of a slide's empty glass, which light absorption is measured against.
struct GlassColour: Equatable {
    var red: Double
    var green: Double
    var blue: Double

    /// The mean of what is bright and has next to no saturation; one pixel in sixteen is enough.
    init(of overview: Overview) {
        var (count, sums) = (0, (0, 0, 0))
        overview.image.pixels.withUnsafeBufferPointer { pixels in
            for at in stride(from: 0, to: overview.alpha.count, by: 16) where overview.alpha[at] >= 128 {
                let (red, green, blue) = (Int(pixels[at * 3]), Int(pixels[at * 3 + 1]), Int(pixels[at * 3 + 2]))
                let highest = max(red, green, blue)
                guard highest > 160, (highest - min(red, green, blue)) * 255 < 18 * highest else { continue }
                sums = (sums.0 + red, sums.1 + green, sums.2 + blue)
                count += 1
            }
        }
        guard count >= 20 else {
            (red, green, blue) = (240, 240, 240)
            return
        }
        (red, green, blue) = (
            Double(sums.0) / Double(count), Double(sums.1) / Double(count), Double(sums.2) / Double(count)
        )
    }
}
