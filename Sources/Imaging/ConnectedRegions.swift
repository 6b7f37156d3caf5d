/// The connected regions of the zeros or of the ones of a picture, as runs of pixels: linear time, and memory for the
/// runs alone. Numbered by their first pixel in row-major order.
public struct ConnectedRegions: Sendable {
    public struct Run: Sendable {
        public let row: Int32
        public let start: Int32
        /// One past the last pixel.
        public let end: Int32
        public fileprivate(set) var region: Int32
    }

    public struct Region: Equatable, Sendable {
        public fileprivate(set) var area = 0
        public fileprivate(set) var touchesBorder = false
    }

    /// Sorted by row, then start.
    public private(set) var runs: [Run] = []
    /// `firstRun[row]..<firstRun[row + 1]` are a row's runs.
    public private(set) var firstRun: [Int] = [0]
    public private(set) var regions: [Region] = []

    /// - Parameter diagonals: whether pixels that touch at a corner belong together (8-connected regions, else 4-connected).
    public init(of value: UInt8, in image: BinaryImage, diagonals: Bool = false) {
        var parents: [Int32] = []
        for y in 0..<image.height {
            findRuns(of: value, in: image, row: y)
            for _ in parents.count..<runs.count { parents.append(Int32(parents.count)) }
            if y > 0 { joinRow(y, reach: diagonals ? 1 : 0, &parents) }
        }
        number(&parents, image)
    }

    private mutating func findRuns(of value: UInt8, in image: BinaryImage, row: Int) {
        let line = row * image.width
        var x = 0
        while x < image.width {
            while x < image.width, image.bits[line + x] != value { x += 1 }
            guard x < image.width else { break }
            let start = x
            while x < image.width, image.bits[line + x] == value { x += 1 }
            runs.append(Run(row: Int32(row), start: Int32(start), end: Int32(x), region: 0))
        }
        firstRun.append(runs.count)
    }

    /// Unites the runs of a row with those above that they overlap.
    private func joinRow(_ row: Int, reach: Int32, _ parents: inout [Int32]) {
        var (above, below) = (firstRun[row - 1], firstRun[row])
        while above < firstRun[row], below < firstRun[row + 1] {
            if runs[above].start < runs[below].end + reach, runs[below].start < runs[above].end + reach {
                let (first, second) = (Self.root(above, &parents), Self.root(below, &parents))
                parents[max(first, second)] = Int32(min(first, second))
            }
            if runs[above].end < runs[below].end { above += 1 } else { below += 1 }
        }
    }

    /// The oldest run of a set; halves the path on its way.
    private static func root(_ run: Int, _ parents: inout [Int32]) -> Int {
        var run = run
        while Int(parents[run]) != run {
            parents[run] = parents[Int(parents[run])]
            run = Int(parents[run])
        }
        return run
    }

    private mutating func number(_ parents: inout [Int32], _ image: BinaryImage) {
        for index in runs.indices {
            let root = Self.root(index, &parents)
            if root == index {
                runs[index].region = Int32(regions.count)
                regions.append(Region())
            } else {
                runs[index].region = runs[root].region
            }
            let run = runs[index]
            let region = Int(run.region)
            regions[region].area += Int(run.end - run.start)
            if run.row == 0 || run.row == image.height - 1 || run.start == 0 || run.end == image.width {
                regions[region].touchesBorder = true
            }
        }
    }

    /// The region of a pixel that has the value.
    public func region(x: Int, y: Int) -> Int? {
        var (low, high) = (firstRun[y], firstRun[y + 1])
        while low < high {
            let middle = (low + high) / 2
            if runs[middle].end <= x { low = middle + 1 } else { high = middle }
        }
        guard low < firstRun[y + 1], runs[low].start <= x else { return nil }
        return Int(runs[low].region)
    }

    /// Sets every pixel of the chosen regions to `value`.
    public func paint(_ value: UInt8, into image: inout BinaryImage, where chosen: (Int) -> Bool) {
        for run in runs where chosen(Int(run.region)) {
            let line = Int(run.row) * image.width
            for x in Int(run.start)..<Int(run.end) { image.bits[line + x] = value }
        }
    }
}
