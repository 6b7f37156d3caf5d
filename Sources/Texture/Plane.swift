/// Memory for `count` plain numbers, zero at first, freed with the last reference.
final class Cells<Element: BitwiseCopyable & FixedWidthInteger> {
    let base: UnsafeMutablePointer<Element>
    let count: Int

    init(_ count: Int) {
        self.count = count
        base = .allocate(capacity: max(count, 1))
        base.initialize(repeating: 0, count: max(count, 1))
    }

    deinit { base.deallocate() }

    func clear() { base.update(repeating: 0, count: count) }
}

/// A square picture of 16-bit integers in row-major order, most often optical density in 1/1024.
struct Plane {
    let side: Int
    private let cells: Cells<Int16>

    init(side: Int) {
        self.side = side
        cells = Cells(side * side)
    }

    var base: UnsafeMutablePointer<Int16> { cells.base }
    var area: Int { side &* side }

    func row(_ y: Int) -> UnsafeMutablePointer<Int16> { cells.base + y &* side }
}
