import Records
import TestSupport
import Testing

@testable import Slides

/// Tiles that are made up: every pixel tells its place.
private final class MadeTiles: TileSource {
    let grid: TileGrid
    private let missing: Set<Int>
    private(set) var decoded: [Int] = []

    init(_ grid: TileGrid, missing: Set<Int> = []) { (self.grid, self.missing) = (grid, missing) }

    var byteCounts: [Int] { (0..<grid.count).map { missing.contains($0) ? 0 : 1 } }

    func isMissing(_ tile: Int) -> Bool { missing.contains(tile) }

    func decode(_ tile: Int, into pixels: UnsafeMutablePointer<UInt8>) -> Bool {
        guard !missing.contains(tile) else { return false }
        decoded.append(tile)
        let rect = grid.rect(of: tile)
        for y in 0..<rect.height {
            for x in 0..<rect.width {
                for (channel, value) in Self.pixel(rect.x + x, rect.y + y).enumerated() {
                    pixels[(y * rect.width + x) * 3 + channel] = value
                }
            }
        }
        return true
    }

    static func pixel(_ x: Int, _ y: Int) -> [UInt8] {
        [
            UInt8(truncatingIfNeeded: x), UInt8(truncatingIfNeeded: y),
            UInt8(truncatingIfNeeded: x / 256 &+ y / 256 &* 16),
        ]
    }

    /// A square whose corner is there, white beyond the level.
    func square(_ x: Int, _ y: Int, side: Int) -> [UInt8] {
        (y..<(y + side)).flatMap { y in
            (x..<(x + side)).flatMap { x in
                x < grid.size.width && y < grid.size.height ? Self.pixel(x, y) : [255, 255, 255]
            }
        }
    }
}

@Suite struct PatchAssemblyTests {
    private func parts(_ corners: [PixelPoint], side: Int, in size: PixelSize) -> [PixelRect?] {
        corners.map {
            PixelRect(
                x: $0.x,
                y: $0.y,
                width: min(side, size.width - $0.x),
                height: min(side, size.height - $0.y)
            )
        }
    }

    @Test(arguments: seeds(40))
    func everyPatchIsTheLevelsWhateverTheTilesTheStepAndTheBatches(seed: UInt64) throws {
        var random = CounterRandom(seed: seed)
        let size = PixelSize(width: .random(in: 1...300, using: &random), height: .random(in: 1...300, using: &random))
        let tile = PixelSize(width: .random(in: 1...80, using: &random), height: .random(in: 1...80, using: &random))
        let (side, step) = (Int.random(in: 1...90, using: &random), Int.random(in: 20...90, using: &random))
        let start = (x: Int.random(in: 0..<min(20, size.width), using: &random), y: 0)
        let corners = stride(from: start.y, to: size.height, by: step).flatMap { y in
            stride(from: start.x, to: size.width, by: step).map { PixelPoint(x: $0, y: y) }
        }
        let tiles = MadeTiles(TileGrid(size: size, tileSize: tile))
        let batch = Int.random(in: 1...7, using: &random)
        let assembly = try #require(
            PatchAssembly(tiles, parts(corners, side: side, in: size), side: side, batchSize: batch)
        )
        for first in stride(from: 0, to: corners.count, by: batch) {
            let rows = first..<min(first + batch, corners.count)
            let expected = rows.flatMap { tiles.square(corners[$0].x, corners[$0].y, side: side) }
            #expect(assembly.pixels(of: rows) == expected, "seed \(seed), rows \(rows)")
            #expect(rows.allSatisfy(assembly.isWhole))
        }
        #expect(Set(tiles.decoded).count == tiles.decoded.count, "each tile once, seed \(seed)")
    }

    @Test func patchesOfAMissingTileAreNotWholeAndTheOthersAre() throws {
        let size = PixelSize(width: 200, height: 100)
        let corners = [PixelPoint(x: 0, y: 0), PixelPoint(x: 40, y: 0), PixelPoint(x: 110, y: 10)]
        let tiles = MadeTiles(TileGrid(size: size, tileSize: PixelSize(width: 50, height: 50)), missing: [1])
        var wanted = parts(corners, side: 40, in: size)
        wanted.append(nil)
        let assembly = try #require(PatchAssembly(tiles, wanted, side: 40, batchSize: 4))
        let pixels = assembly.pixels(of: 0..<4)
        #expect((0..<4).map(assembly.isWhole) == [true, false, true, false])
        #expect(Array(pixels[..<4800]) == tiles.square(0, 0, side: 40))
        #expect(Array(pixels[9600..<14400]) == tiles.square(110, 10, side: 40))
    }

    @Test func moreBatchesInTheMakingThanTheMemoryHoldsAreRefused() throws {
        let size = PixelSize(width: 400, height: 400)
        let corners = (0..<16).map { PixelPoint(x: $0 % 4 * 100 + 5, y: $0 / 4 * 100) }
        let tiles = MadeTiles(TileGrid(size: size, tileSize: PixelSize(width: 100, height: 100)))
        let wanted = parts(corners, side: 90, in: size)
        // Each row of patches stands on tiles of its own, but one tile higher it shows those of two rows.
        let row = 4 * 90 * 90 * 3
        #expect(PatchAssembly(tiles, wanted, side: 90, batchSize: 4, largestMemory: row) != nil)
        let shifted = parts(corners.map { PixelPoint(x: $0.x, y: $0.y + 50) }, side: 90, in: size)
        #expect(PatchAssembly(tiles, shifted, side: 90, batchSize: 4, largestMemory: row) == nil)
        #expect(PatchAssembly(tiles, shifted, side: 90, batchSize: 4, largestMemory: 2 * row) != nil)
    }
}
