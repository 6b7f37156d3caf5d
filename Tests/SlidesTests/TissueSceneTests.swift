import Foundation
import Imaging
import Records
import Sample
import Testing

@testable import Config
@testable import Slides

/// A slide of 1536 × 1536 pixels of 1 µm, compressed as slides are.
private struct Scene: PixelSource {
    static let side = 1536
    let size = PixelSize(width: Scene.side, height: Scene.side)
    /// Without the grain of the sensor.
    let colour: @Sendable (_ x: Int, _ y: Int) -> (Int, Int, Int)
    let developed: @Sendable (Int, Int, Int) -> (Int, Int, Int)

    func read(rows: Range<Int>, into pixels: UnsafeMutableBufferPointer<UInt8>) {
        var at = 0
        for y in rows {
            for x in 0..<size.width {
                let (red, green, blue) = colour(x, y)
                func grain(_ seed: UInt32) -> Int { Int(Self.hash(x, y, seed) % 7) - 3 }
                let (r, g, b) = developed(red + grain(1), green + grain(2), blue + grain(3))
                (pixels[at], pixels[at + 1], pixels[at + 2]) = (
                    UInt8(clamping: r), UInt8(clamping: g), UInt8(clamping: b)
                )
                at += 3
            }
        }
    }

    static func hash(_ x: Int, _ y: Int, _ seed: UInt32) -> UInt32 {
        let (x, y) = (UInt32(truncatingIfNeeded: x), UInt32(truncatingIfNeeded: y))
        var hash = x &* 2_654_435_761 ^ y &* 2_246_822_519 ^ seed &* 40503
        hash ^= hash >> 15
        return (hash &* 2_246_822_519) >> 16
    }

    func tiling(quality: Int) throws -> SlideTiling {
        let folder = FileManager.default.temporaryDirectory.appending(path: "wsi-scene-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "made.svs")
        let options = PyramidOptions(
            levels: 2,
            factor: 8,
            quality: quality,
            description: .aperio(mpp: 1, magnification: 10)
        )
        try PyramidWriter.write(self, to: file, options: options)
        var config = TilingConfig()
        (config.mpp, config.patchSize) = (1, 128)
        return try SlideTiling(of: Slide(path: file.path), id: SlideID("made"), config: config)
    }
}

/// Tissue and glass as scanners show them, from the picture to the patches.
struct TissueSceneTests {
    enum Development: CaseIterable {
        case strong, faded, almostGone, grey

        func colour(_ red: Int, _ green: Int, _ blue: Int) -> (Int, Int, Int) {
            func faded(_ percent: Int) -> (Int, Int, Int) {
                func value(_ value: Int) -> Int { 255 - (255 - value) * percent / 100 }
                return (value(red), value(green), value(blue))
            }
            switch self {
            case .strong: return (red, green, blue)
            case .faded: return faded(25)
            case .almostGone: return faded(10)
            case .grey:
                let brightness = (77 * red + 150 * green + 29 * blue) / 256
                return (brightness, brightness, brightness)
            }
        }

        /// Of a hundred patches.
        var least: Int {
            switch self {
            case .strong: 100
            case .faded: 90
            case .almostGone: 70
            case .grey: 80
            }
        }
    }

    /// At a tenth and quality 30 a level of 8 µm per pixel has no grain left, and could be coloured shading.
    private static let developments = Development.allCases.flatMap { development in
        (development == .almostGone ? [90, 75] : [75, 30]).map { (development, $0) }
    }

    /// 8 × 6 patches of nuclei and stroma; on glass, and in a narrow frame of glass in what a scanner has filled with white.
    @Test(arguments: developments, [false, true])
    func tissueIsFoundHoweverPaleItIs(_ made: (Development, quality: Int), isFramed: Bool) throws {
        let (development, quality) = made
        let scene = Scene(
            colour: { x, y in
                guard (256..<1280).contains(x), (256..<1024).contains(y) else {
                    let isGlass = (128..<1408).contains(x) && (128..<1152).contains(y)
                    return isFramed && !isGlass ? (300, 300, 300) : (243, 242, 244)
                }
                return Scene.hash(x / 8, y / 8, 9) % 100 < 35 ? (110, 60, 130) : (225, 140, 185)
            },
            developed: development.colour
        )
        let tiling = try scene.tiling(quality: quality)
        let isTissue = tiling.grid.corners.map { (256..<1280).contains($0.x) && (256..<1024).contains($0.y) }
        #expect(isTissue.allSatisfy { $0 })
        #expect(isTissue.count * 100 >= 48 * development.least)
        #expect(tiling.notes.isEmpty)
    }

    /// Shading of eight grey levels, dust, the edge of a cover slip and a bubble, at JPEG quality 30.
    @Test(
        arguments: [(243, 242, 244), (235, 230, 200), (200, 205, 225)],
        [false, true]
    )
    func glassHasNoPatch(tint: (Int, Int, Int), isDirty: Bool) throws {
        let scene = Scene(
            colour: { x, y in
                let centre = (x: x - 768, y: y - 768)
                let shade = 8 * (centre.x * centre.x + centre.y * centre.y) / (2 * 768 * 768)
                var percent = 100
                if isDirty {
                    if (700..<730).contains(x) { percent = percent * 6 / 10 }
                    if (1000..<1010).contains(y) { percent = percent * 3 / 10 }
                    let bubble = (x - 500) * (x - 500) + (y - 400) * (y - 400)
                    if (19_600..<22_500).contains(bubble) { percent = percent * 7 / 10 }
                    let radius = 2 + Int(Scene.hash(x / 96, y / 96, 5) % 18)
                    let speck = (x % 96 - 48) * (x % 96 - 48) + (y % 96 - 48) * (y % 96 - 48)
                    if speck < radius * radius, Scene.hash(x / 96, y / 96, 6) % 3 == 0 { percent /= 2 }
                }
                return (
                    (tint.0 - shade) * percent / 100, (tint.1 - shade) * percent / 100, (tint.2 - shade) * percent / 100
                )
            },
            developed: { ($0, $1, $2) }
        )
        let tiling = try scene.tiling(quality: 30)
        #expect(tiling.grid.count == 0)
        #expect(tiling.notes.isEmpty)
    }

    /// Shading and light of a colour, and a cover slip that tints half of the slide.
    @Test(arguments: [(8, 0, 0), (0, 8, 0), (0, 8, 8), (3, 4, 7)], [90, 30])
    func colouredGlassHasNoPatch(loss: (Int, Int, Int), quality: Int) throws {
        for isSudden in [false, true] {
            let scene = Scene(
                colour: { x, y in
                    let share = isSudden ? (x < 900 ? 0 : 1536) : x
                    func value(_ glass: Int, _ loss: Int) -> Int { glass - loss * share / 1536 }
                    return (value(243, loss.0), value(242, loss.1), value(244, loss.2))
                },
                developed: { ($0, $1, $2) }
            )
            let tiling = try scene.tiling(quality: quality)
            #expect(tiling.grid.count == 0, "\(isSudden)")
        }
    }
}
