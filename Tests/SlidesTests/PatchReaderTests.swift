import Foundation
import Imaging
import Records
import Testing

@testable import Slides

struct PatchReaderTests {
    private func corners(_ columns: Int, _ rows: Int, step: Int) -> [PixelPoint] {
        (0..<(columns * rows)).map { PixelPoint(x: $0 % columns * step, y: $0 / columns * step) }
    }

    private static func texture(_ x: Int, _ y: Int) -> [UInt8] {
        [UInt8((x &* 7 ^ y &* 13) & 255), UInt8((x &+ y &* 3) & 255), UInt8((x &* y) & 255)]
    }

    @Test func batchesHoldTheRowsInOrderWithThePixelsOfEachPatch() throws {
        try TestTIFF(width: 320, height: 160, pixel: Self.texture).use { path in
            let slide = try Slide(path: path)
            let all = corners(10, 5, step: 32).filter { $0 != PixelPoint(x: 96, y: 32) }
            let grid = try PatchGrid(slide, patchSize: 32, all)
            var reader = PatchReader(of: slide, grid: grid, batchSize: 16)
            var rows: [Int] = []
            var sizes: [Int] = []
            while let batch = try reader.nextBatch() {
                sizes.append(batch.count)
                for (index, row) in batch.rows.enumerated() {
                    let corner = all[row]
                    let alone = try slide.read(level: 0, x: corner.x, y: corner.y, width: 32, height: 32)
                    #expect(Array(batch.pixels[(index * 3072)..<((index + 1) * 3072)]) == alone.pixels)
                }
                rows += batch.rows
            }
            #expect(rows == Array(0..<49))
            #expect(sizes == [16, 16, 16, 1])
            #expect(reader.unreadable.isEmpty)
        }
    }

    @Test func patchesOfAnotherScaleAreAreaMeans() throws {
        try TestTIFF(width: 256, height: 128, pixel: Self.texture).use { path in
            let slide = try Slide(path: path)
            let grid = try PatchGrid(slide, patchSize: 16, mpp: 0.25, target: 1, corners(4, 2, step: 64))
            #expect(grid.geometry.sideAtLevel == 64)
            var reader = PatchReader(of: slide, grid: grid)
            let batch = try #require(try reader.nextBatch())
            let patch = try slide.read(level: 0, x: 128, y: 64, width: 64, height: 64)
            #expect(Array(batch.pixels[(6 * 768)..<(7 * 768)]) == patch.resized(width: 16, height: 16).pixels)
            #expect(try reader.nextBatch() == nil)
        }
    }

    @Test func anUnreadablePatchIsLeftOutAndListed() throws {
        var tiff = TestTIFF(width: 640, height: 320, pixel: Self.texture)
        tiff.levels.append(.init(width: 160, height: 80) { _, _ in [9, 9, 9] })
        tiff.damaged = [13]
        try tiff.use { path in
            let slide = try Slide(path: path)
            // 200 patches of 32; tile 13 is the four patches at x 192 to 256, y 64 to 128, of which two are asked for.
            let all = corners(20, 10, step: 32).filter { !(192..<256).contains($0.x) || $0.y != 96 }
            let grid = try PatchGrid(slide, patchSize: 32, all)
            var reader = PatchReader(of: slide, grid: grid)
            var rows: [Int] = []
            // Two of 198 are more than 1 %.
            #expect(throws: SlideError.self) { while let batch = try reader.nextBatch() { rows += batch.rows } }
            let oneBad = try PatchGrid(slide, patchSize: 32, all.filter { $0 != PixelPoint(x: 224, y: 64) })
            reader = PatchReader(of: slide, grid: oneBad)
            rows = []
            while let batch = try reader.nextBatch() { rows += batch.rows }
            #expect(reader.unreadable.map { oneBad.corners[$0] } == [PixelPoint(x: 192, y: 64)])
            #expect(rows.count == 196 && Set(rows).isDisjoint(with: reader.unreadable))
        }
    }
}

struct OverviewTests {
    @Test func anOverviewIsTheBlockMeansOfItsLevel() throws {
        try TestTIFF(width: 200, height: 130) { x, y in [UInt8(x), UInt8(y), UInt8((x &* y) & 255)] }.use { path in
            let slide = try Slide(path: path)
            let overview = try Overview(of: slide, level: 0, factor: 16)
            #expect(overview.image.width == 13 && overview.image.height == 9 && overview.scale == 16)
            #expect(overview.image[3, 2] == RGB(56, 40, overview.image[3, 2].blue))
            // The last block has 8 columns and 2 rows.
            #expect(overview.image[12, 8] == RGB(196, 129, overview.image[12, 8].blue))
            #expect(overview.alpha.allSatisfy { $0 == 255 })
        }
    }

    @Test func damageBecomesTransparentAndTooMuchOfItIsAnError() throws {
        var tiff = TestTIFF(width: 2048, height: 1024) { _, _ in [200, 100, 150] }
        tiff.levels.append(.init(width: 256, height: 128) { _, _ in [9, 9, 9] })
        tiff.damaged = [40]
        try tiff.use { path in
            let overview = try Overview(of: Slide(path: path), level: 0, factor: 16)
            let lost = overview.alpha.indices.filter { overview.alpha[$0] == 0 }
            #expect(lost.count == 64)
            #expect(lost.allSatisfy { overview.image[$0 % 128, $0 / 128] == .white })
        }
        tiff.damaged = Set(0..<40)
        try tiff.use { path in
            #expect(throws: SlideError.self) { _ = try Overview(of: Slide(path: path), level: 0, factor: 16) }
        }
    }
}
