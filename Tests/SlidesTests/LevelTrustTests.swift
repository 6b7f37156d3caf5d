import Imaging
import Records
import Testing

@testable import Config
@testable import Slides

/// Tissue of nuclei and stroma on glass, 1024 × 1024 pixels of 0.5 µm, and a level 1 of a quarter, right or wrong.
struct LevelTrustTests {
    /// Constant over squares of 8 pixels, so that a level of a quarter has exactly its pixels.
    private static func colour(_ x: Int, _ y: Int) -> [UInt8] {
        guard (128..<704).contains(x), (192..<896).contains(y) else { return [243, 242, 244] }
        let (column, row) = (UInt32(x / 8), UInt32(y / 8))
        let isNucleus = (column &* 2_654_435_761 ^ row &* 2_246_822_519) >> 13 % 3 == 0
        return isNucleus ? [110, 60, 130] : [225, 140, 185]
    }

    enum Level: CaseIterable {
        case blank, black, mirrored, upsideDown, rotated, shifted, stretched, squeezed, halfFilled, foreign, swapped

        func colour(_ x: Int, _ y: Int) -> [UInt8] {
            switch self {
            case .blank: [255, 255, 255]
            case .black: [0, 0, 0]
            case .mirrored: LevelTrustTests.colour(4 * (255 - x), 4 * y)
            case .upsideDown: LevelTrustTests.colour(4 * x, 4 * (255 - y))
            case .rotated: LevelTrustTests.colour(4 * y, 4 * (255 - x))
            case .shifted: LevelTrustTests.colour(4 * (x - 40), 4 * y)
            case .stretched: LevelTrustTests.colour(2 * x, 4 * y)
            case .squeezed: LevelTrustTests.colour(4 * x, 8 * y)
            case .halfFilled: x < 96 ? LevelTrustTests.colour(4 * x, 4 * y) : [255, 255, 255]
            case .swapped: LevelTrustTests.colour(4 * x, 4 * y).reversed()
            case .foreign: [UInt8(150 + (x * 7 ^ y * 3) % 100), UInt8(40 + (x / 3 * 5 ^ y) % 80), 160]
            }
        }
    }

    private func tiling(
        height: Int = 256,
        base: @escaping (Int, Int) -> [UInt8] = Self.colour,
        level: @escaping (Int, Int) -> [UInt8]
    ) throws -> SlideTiling {
        var config = TilingConfig()
        (config.mpp, config.patchSize) = (2, 64)
        var made = TestTIFF(width: 1024, height: 1024, pixel: base)
        made.levels.append(.init(width: 256, height: height, pixel: level))
        made.tile = 256
        made.resolution = (20_000, 20_000, .centimetre)
        return try made.use { try SlideTiling(of: Slide(path: $0), id: SlideID("made"), config: config) }
    }

    @Test func aLevelThatShowsTheSlideIsUsed() throws {
        let tiling = try tiling { Self.colour(4 * $0, 4 * $1) }
        #expect(tiling.notes.isEmpty && tiling.grid.geometry.level == 1)
        #expect(abs(tiling.tissue.areaUM2 / Double(576 * 704) * 4 - 1) < 0.01)
    }

    /// Other filters, compression and half a pixel beside are no reason for doubt.
    @Test func aLevelMadeInAnotherWayIsUsed() throws {
        let made = try tiling { x, y in
            let (left, right) = (Self.colour(4 * x, 4 * y), Self.colour(4 * x + 4, 4 * y + 4))
            return zip(left, right).enumerated().map { channel, pair in
                let noise = (x * 31 ^ y * 17 ^ channel * 7) % 9 - 4
                return UInt8(clamping: (Int(pair.0) + Int(pair.1)) / 2 + noise)
            }
        }
        #expect(made.notes.isEmpty && made.grid.geometry.level == 1)
    }

    @Test(arguments: Level.allCases)
    func aLevelThatShowsSomethingElseIsIgnoredWithANote(_ wrong: Level) throws {
        let right = try tiling { Self.colour(4 * $0, 4 * $1) }
        let tiling = try tiling(height: wrong == .squeezed ? 128 : 256) { wrong.colour($0, $1) }
        try #require(tiling.notes.count == 1)
        #expect(tiling.notes[0].hasPrefix("level 1 of 256 × ") && tiling.notes[0].hasSuffix("is ignored"))
        #expect(tiling.notes[0].contains("another shape") == (wrong == .squeezed))
        // Neither mask nor patches come from it.
        #expect(tiling.grid.geometry.level == 0 && tiling.grid.geometry.sideLevel0 == 256)
        #expect(tiling.grid.corners == right.grid.corners && tiling.grid.count > 0)
        #expect(tiling.tissue.areaUM2 == right.tissue.areaUM2)
    }

    @Test func glassAllOverIsNoReasonForDoubt() throws {
        let tiling = try tiling(base: { _, _ in [243, 242, 244] }, level: { _, _ in [255, 255, 255] })
        #expect(tiling.notes.isEmpty && tiling.grid.count == 0)
    }
}
