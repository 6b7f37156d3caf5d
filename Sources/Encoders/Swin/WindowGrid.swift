/// How the tokens of a square map are put in windows that attend to themselves (Liu et al. 2021, section 3.2).
struct WindowGrid {
    /// Tokens along the map.
    let side: Int
    /// Tokens along a window.
    let window: Int
    /// Places by which the map is turned up and left before it is cut.
    let shift: Int

    /// What keeps tokens apart that turning brought together, in the makers' code.
    private static let apart: Float = -100

    /// A map that one window holds is not shifted, as timm has it.
    init(side: Int, window: Int, isShifted: Bool) {
        self.side = side
        self.window = min(window, side)
        shift = isShifted && side > window ? window / 2 : 0
    }

    var windows: Int { (side / window) * (side / window) }

    /// Tokens of a window.
    var tokens: Int { window * window }

    /// Distances along both sides of a window, which have numbers of their own.
    static func distances(_ window: Int) -> Int { (2 * window - 1) * (2 * window - 1) }

    /// The place in the map, row by row, of each token, window by window.
    var order: [Int] {
        (0..<side * side).map { index in
            let (row, column) = turned(index)
            return (row + shift) % side * side + (column + shift) % side
        }
    }

    /// Row and column in the turned map of a token, counted window by window.
    private func turned(_ index: Int) -> (row: Int, column: Int) {
        let (number, inner) = index.quotientAndRemainder(dividingBy: tokens)
        let across = side / window
        return (number / across * window + inner / window, number % across * window + inner % window)
    }

    /// What is added to the products of queries and keys: a number for each distance, and for tokens that do not lie beside
    /// each other in the map one that keeps them apart.
    /// - Parameter table: [distances, heads]
    /// - Returns: [1 or windows, heads, tokens, tokens], row-major: where nothing is shifted, windows are alike.
    func bias(_ table: [Float], heads: Int) -> [Float] {
        let places = (0..<tokens).map { (row: $0 / window, column: $0 % window) }
        let distances = places.flatMap { query in
            places.map { key in
                let (down, across) = (query.row - key.row + window - 1, query.column - key.column + window - 1)
                return down * (2 * window - 1) + across
            }
        }
        var values: [Float] = []
        for number in 0..<(shift == 0 ? 1 : windows) {
            let parts = (0..<tokens).map { part(turned(number * tokens + $0)) }
            for head in 0..<heads {
                for (pair, distance) in distances.enumerated() {
                    let together = parts[pair / tokens] == parts[pair % tokens]
                    values.append(table[distance * heads + head] + (together ? 0 : Self.apart))
                }
            }
        }
        return values
    }

    /// Which of the nine parts of the turned map a place lies in.
    private func part(_ place: (row: Int, column: Int)) -> Int {
        func third(_ position: Int) -> Int {
            position < side - window ? 0 : position < side - shift ? 1 : 2
        }
        return shift == 0 ? 0 : third(place.row) * 3 + third(place.column)
    }
}

extension [Int] {
    /// Where each of these places stands in an order of all places.
    func positions(in order: [Int]) -> [Int] {
        var positions = [Int](repeating: 0, count: order.count)
        for (position, place) in order.enumerated() { positions[place] = position }
        return map { positions[$0] }
    }
}
