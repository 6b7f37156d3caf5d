import Imaging
import Records

/// How sharp patches are: D(1) / D(2) of the luminance at about 2 µm per pixel, where D(n) is the mean squared difference of
/// pixels n apart in a row or a column.
///
/// Wherever the image is smooth over two pixels the ratio is 1/4, whatever is shown, and for pixels that have nothing to do
/// with their neighbours it is 1; the value is stretched so that these are 0 and 1. A ratio of differences does not depend
/// on how strong the stain is, nor on how much of a patch is tissue. On real H&E, sharp patches have 0.28 to 0.5, those
/// blurred by a Gaussian of 1 µm 0.13 to 0.25, by 2 µm 0.04 to 0.1. Patches without structure have about 0.
struct FocusMeter {
    /// Patches below this are out of focus.
    static let blurred: Float = 0.12

    private let slide: Slide
    private let geometry: PatchGeometry
    private let level: Int
    /// Pixels of the level, along each axis, that one pixel at about 2 µm is the mean of.
    private let factor: Int
    /// Side of a patch in pixels of the level, whole blocks.
    private let side: Int

    /// nil where no level of the slide is fine enough, or patches are too small.
    /// - Parameter mpp: µm per pixel of level 0.
    /// - Throws: `SlideError` where the machine fails.
    init?(_ slide: Slide, _ geometry: PatchGeometry, mpp: Double) throws {
        level = try slide.choosing(\.self) { $0.coarsestLevel(upTo: Self.targetMPP * 1.1 / mpp) }
        let levelMPP = mpp * slide.levels[level].downsample
        guard levelMPP <= Self.targetMPP * 1.5 else { return nil }
        factor = max(1, Int((Self.targetMPP / levelMPP).rounded()))
        side = Int(Double(geometry.sideLevel0) / slide.levels[level].downsample) / factor * factor
        guard side / factor >= Self.leastSide else { return nil }
        (self.slide, self.geometry) = (slide, geometry)
    }

    /// The focus of some patches, in their order, each of the level's tiles decoded once; NaN where a patch cannot be read.
    /// - Parameter corners: row-major, in level-0 pixels.
    /// - Throws: `SlideError` where the machine fails: a patch that it does not give is none that cannot be read.
    func focus(of corners: [PixelPoint]) throws -> [Float] {
        let places = corners.map(place)
        let window = slide.tiles(of: level).map { tiles in
            TileWindow(tiles, for: places.lazy.compactMap { $0.flatMap(slide.directPart) })
        }
        return try places.map { place in
            guard let place else { return .nan }
            do {
                return Self.focus(of: try slide.read(place, through: window), factor)
            } catch SlideError.corrupt, SlideError.outside { return .nan }
        }
    }

    /// What lies on the slide, from the level's pixel at or before the corner, so that no reader interpolates; nil where it is
    /// too narrow to tell.
    private func place(_ corner: PixelPoint) -> LevelRect? {
        let (size, downsample) = (slide.levels[level].size, slide.levels[level].downsample)
        let patch = PixelRect(x: corner.x, y: corner.y, width: geometry.sideLevel0, height: geometry.sideLevel0)
        let part = patch.clipped(to: slide.size)
        func pixels(_ length: Int) -> Int { min(side, Int(Double(length) / downsample) / factor * factor) }
        let (width, height) = (pixels(part.width), pixels(part.height))
        guard min(width, height) / factor >= Self.leastSide else { return nil }
        let x = min(Int(Double(corner.x) / downsample), max(0, size.width - width))
        let y = min(Int(Double(corner.y) / downsample), max(0, size.height - height))
        return LevelRect(
            level: level,
            x: Int((Double(x) * downsample).rounded(.up)),
            y: Int((Double(y) * downsample).rounded(.up)),
            width: width,
            height: height
        )
    }

    /// Positions in `corners` of a sample that is cheap to read and spread over all of them: groups of neighbours that fill
    /// about one tile of the level, every group whole.
    func sample(of corners: [PixelPoint]) -> [Int] {
        let groupSide = max(1, Self.tileSide / side) * geometry.stepLevel0
        var groups: [[Int]] = []
        var groupOf: [PixelPoint: Int] = [:]
        for (index, corner) in corners.enumerated() {
            let cell = PixelPoint(x: corner.x / groupSide, y: corner.y / groupSide)
            if let group = groupOf[cell] {
                groups[group].append(index)
            } else {
                groupOf[cell] = groups.count
                groups.append([index])
            }
        }
        let count = min(groups.count, Self.sampledGroups)
        return (0..<count).flatMap { groups[$0 * groups.count / count] }.sorted()
    }

    private static let targetMPP = 2.0
    private static let tileSide = 256
    /// In pixels at about 2 µm.
    private static let leastSide = 8
    private static let sampledGroups = 64
}

extension FocusMeter {
    /// - Parameter factor: divides both sides of the patch.
    static func focus(of patch: RGBImage, _ factor: Int) -> Float {
        let size = PixelSize(width: patch.width / factor, height: patch.height / factor)
        var luminance = [Int32](repeating: 0, count: size.width * size.height)
        patch.pixels.withUnsafeBufferPointer { pixels in
            for y in 0..<(size.height * factor) {
                let line = y / factor * size.width
                for x in 0..<(size.width * factor) {
                    let at = (y * patch.width + x) * 3
                    luminance[line + x / factor] +=
                        77 * Int32(pixels[at]) + 150 * Int32(pixels[at + 1]) + 29 * Int32(pixels[at + 2])
                }
            }
        }
        let area = Int32(256 * factor * factor)
        // Quarters of a grey level, so that means keep what they gained over one pixel.
        for at in luminance.indices { luminance[at] = (luminance[at] * 4 + area / 2) / area }
        let (near, far) = (difference(luminance, size, 1), difference(luminance, size, 2))
        // Below about a grey level, differences are noise.
        let ratio = near / (far + 16 * noise)
        return Float(min(max((4 * ratio - 1) / 3, 0), 1))
    }

    /// Mean squared difference of pixels `lag` apart, rows and columns together.
    private static func difference(_ values: [Int32], _ size: PixelSize, _ lag: Int) -> Double {
        let (width, height) = (size.width, size.height)
        var sum: Int64 = 0
        values.withUnsafeBufferPointer { values in
            for y in 0..<height {
                for at in (y * width)..<((y + 1) * width - lag) {
                    let step = values[at + lag] - values[at]
                    sum += Int64(step * step)
                }
            }
            for at in 0..<((height - lag) * width) {
                let step = values[at + lag * width] - values[at]
                sum += Int64(step * step)
            }
        }
        return Double(sum) / Double((width - lag) * height + width * (height - lag))
    }

    /// Squared grey levels.
    private static let noise = 2.0
}
