import Records
import Testing

@Suite struct PatchBlocksTests {
    private static func grid(_ columns: Int, _ lines: Int) -> [PixelPoint] {
        (0..<(columns * lines)).map { PixelPoint(x: 500 + $0 % columns * 256, y: 300 + $0 / columns * 256) }
    }

    @Test(arguments: [(40, 30), (50, 60)]) func blocksAreSquaresOfTheGridAndNoMoreThanWanted(columns: Int, lines: Int) {
        let corners = Self.grid(columns, lines)
        let blocks = PatchBlocks(of: corners.count, at: corners).blocks
        #expect((50...PatchBlocks.most).contains(blocks.count), "\(blocks.count)")
        #expect(blocks.flatMap { $0 }.sorted() == Array(corners.indices))
        #expect(blocks.allSatisfy { $0 == $0.sorted() })
        // The smallest whole number of steps.
        let side = [40: 4, 50: 6][columns] ?? 0
        for block in blocks {
            for places in [block.map { corners[$0].x }, block.map { corners[$0].y }] {
                #expect((places.max() ?? 0) - (places.min() ?? 0) <= (side - 1) * 256)
            }
        }
        #expect(blocks[0].count == side * side)
    }

    @Test func whatIsFewOrHasNoPlacesIsBlocksToo() {
        let corners = Self.grid(40, 1)
        #expect(PatchBlocks(of: 3, at: Array(corners.prefix(3))).blocks == [[0], [1], [2]])
        #expect(PatchBlocks(of: 20, at: Array(corners.prefix(20))).blocks == (0..<20).map { [$0] })
        #expect(PatchBlocks(of: 5, at: [], atMost: 2).blocks == [[0, 1, 2], [3, 4]])
        #expect(PatchBlocks(of: 0, at: []).blocks.isEmpty)
        // Places that no slide has.
        let ends = [PixelPoint(x: .min, y: 0), PixelPoint(x: .max, y: .max), PixelPoint(x: 0, y: 0)]
        #expect(PatchBlocks(of: 3, at: ends, atMost: 2).blocks.flatMap { $0 }.sorted() == [0, 1, 2])
    }
}
