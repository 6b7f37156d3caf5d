/// Counts by place, of which any run is summed in logarithmic time (Fenwick, Software: Practice and Experience 24, 1994).
struct FenwickTree {
    private var sums: [Int]

    init(places: Int) { sums = [Int](repeating: 0, count: places + 1) }

    /// Adds to the count of a place; O(log places).
    mutating func add(_ count: Int, at place: Int) {
        var index = place + 1
        while index < sums.count {
            sums[index] += count
            index += index & -index
        }
    }

    /// Sum of the counts of all places below one; O(log places).
    func sum(below place: Int) -> Int {
        var (index, sum) = (place, 0)
        while index > 0 {
            sum += sums[index]
            index -= index & -index
        }
        return sum
    }
}
