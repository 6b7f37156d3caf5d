import Foundation
import Imaging
import Records

/// Pen ink and folds at the scale of the mask, on slides in transmitted light.
struct Artefacts {
    let ink: BinaryImage
    /// Tissue that lets through less than a quarter of the light that glass does: folds, and whatever is as dark.
    let dark: BinaryImage

    init(_ overview: Overview, tissue mask: TissueMask) {
        let rules = Rules(glass: GlassColour(of: overview))
        let (width, height) = (mask.size.width, mask.size.height)
        let clear = BinaryImage(width: width, height: height, bits: Array(repeating: 0, count: width * height))
        var (coloured, black, dark) = (clear, clear, clear)
        overview.image.pixels.withUnsafeBufferPointer { pixels in
            for at in overview.alpha.indices {
                let (red, green) = (pixels[at * 3], pixels[at * 3 + 1])
                // Neither absorbs enough of red for blue, green and black, nor of green for red ink and dark tissue.
                if red > rules.palestRed, green > rules.palestGreen { continue }
                guard overview.alpha[at] >= 128 else { continue }
                let blue = pixels[at * 3 + 2]
                if rules.isBlack(red, green, blue) {
                    black.bits[at] = 1
                } else if rules.isColouredInk(red, green, blue) {
                    coloured.bits[at] = 1
                } else if mask.image.bits[at] == 1, rules.isDark(red, green, blue) {
                    dark.bits[at] = 1
                }
            }
        }
        let strokeArea = Self.smallestStrokeUM2 / (mask.facts.maskMPP * mask.facts.maskMPP)
        if coloured.bits.contains(1) {
            let strokes = ConnectedRegions(of: 1, in: coloured, diagonals: true)
            strokes.paint(0, into: &coloured) { Double(strokes.regions[$0].area) < strokeArea }
        }
        if black.bits.contains(1) {
            // What is black up to the edge is the scanner's border, and what is filled evenly was never scanned.
            let strokes = ConnectedRegions(of: 1, in: black, diagonals: true)
            let fills = Self.evenShares(of: strokes, overview.image)
            strokes.paint(1, into: &coloured) { region in
                Double(strokes.regions[region].area) >= strokeArea && !strokes.regions[region].touchesBorder
                    && fills[region] < 0.5
            }
        }
        self.ink = coloured
        self.dark = dark
    }

    /// How much of each black region is what scanners and converters fill with: black without light, or one exact grey.
    private static func evenShares(of strokes: ConnectedRegions, _ image: RGBImage) -> [Double] {
        var even = [Int](repeating: 0, count: strokes.regions.count)
        for run in strokes.runs {
            for x in run.start..<run.end {
                let colour = image[Int(x), Int(run.row)]
                let highest = max(colour.red, colour.green, colour.blue)
                let isGrey = highest - min(colour.red, colour.green, colour.blue) <= 1
                let before = x > run.start ? image[Int(x) - 1, Int(run.row)] : colour
                if highest <= Self.lightless || (isGrey && before == colour) { even[Int(run.region)] += 1 }
            }
        }
        return zip(even, strokes.regions).map { Double($0) / Double(max($1.area, 1)) }
    }

    /// Of 255; ink of any pen reflects more.
    private static let lightless: UInt8 = 10
    /// A dot of a felt pen; pigment, dust and coloured fringes at dark edges are smaller.
    private static let smallestStrokeUM2 = 10_000.0
}

/// What tells ink from stain: by Beer and Lambert's law a dye is known by the ratios of its optical densities, whatever its
/// strength. Haematoxylin (0.65, 0.70, 0.29) and eosin (0.07, 0.99, 0.11; Ruifrok and Johnston, Anal. Quant. Cytol. Histol.
/// 23, 2001), and every mixture of them, absorb green more than red, and more than blue.
private struct Rules {
    /// Optical density of every value of a channel.
    private let red: [Double]
    private let green: [Double]
    private let blue: [Double]
    private let darkest: Int
    /// Above both, a pixel can be neither ink nor dark.
    let palestRed: UInt8
    let palestGreen: UInt8

    init(glass: GlassColour) {
        func densities(_ glass: Double) -> [Double] {
            (0...255).map { value in max(0, log10(glass / max(Double(value), 1))) }
        }
        red = densities(glass.red)
        green = densities(glass.green)
        blue = densities(glass.blue)
        darkest = Int(Self.luminance(glass.red, glass.green, glass.blue) / 4)
        palestRed = UInt8(clamping: max(Self.black, Int(glass.red * pow(10, -Self.leastRed))))
        palestGreen = UInt8(clamping: max(Self.black, Int(glass.green * pow(10, -Self.leastGreen))))
    }

    /// Grey and nearly without light; haematoxylin keeps its violet at any density.
    func isBlack(_ red: UInt8, _ green: UInt8, _ blue: UInt8) -> Bool {
        let highest = max(max(red, green), blue)
        return highest < Self.black && highest - min(min(red, green), blue) < 30
    }

    func isColouredInk(_ red: UInt8, _ green: UInt8, _ blue: UInt8) -> Bool {
        let (red, green, blue) = (self.red[Int(red)], self.green[Int(green)], self.blue[Int(blue)])
        let isBlueOrGreen = red >= Self.leastRed && red >= 1.15 * green
        let isRed = green >= Self.leastGreen && blue >= 0.85 * green && red <= 0.4 * green
        return isBlueOrGreen || isRed
    }

    func isDark(_ red: UInt8, _ green: UInt8, _ blue: UInt8) -> Bool {
        Int(Self.luminance(Double(red), Double(green), Double(blue))) < darkest
    }

    private static func luminance(_ red: Double, _ green: Double, _ blue: Double) -> Double {
        (77 * red + 150 * green + 29 * blue) / 256
    }

    private static let black = 80
    private static let leastRed = 0.25
    private static let leastGreen = 0.4
}
