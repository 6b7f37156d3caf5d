import Records

/// What of a bag is compared with the bags of a training.
struct BagProfile {
    /// Patches of a bag that are looked at one by one.
    static let mostPatches = 128

    /// [D].
    let mean: [Double]
    /// [D], over the patches.
    let deviation: [Double]
    /// At most `mostPatches`, evenly over the bag, row by row.
    let patches: [Float]

    /// nil for an empty bag.
    /// - Parameter most: patches that are kept.
    init?(_ bag: Bag, patches most: Int = BagProfile.mostPatches) {
        guard bag.count > 0 else { return nil }
        let (count, width) = (bag.count, bag.width)
        var mean = [Double](repeating: 0, count: width)
        var squares = mean
        bag.features.withUnsafeBufferPointer { features in
            mean.withUnsafeMutableBufferPointer { mean in
                for row in 0..<count {
                    for column in 0..<width { mean[column] += Double(features[row * width + column]) / Double(count) }
                }
                squares.withUnsafeMutableBufferPointer { squares in
                    for row in 0..<count {
                        for column in 0..<width {
                            let apart = Double(features[row * width + column]) - mean[column]
                            squares[column] += apart * apart / Double(count)
                        }
                    }
                }
            }
        }
        self.mean = mean
        deviation = squares.map { $0.squareRoot() }
        let kept = min(count, max(1, most))
        patches = (0..<kept).flatMap { place in
            let row = place * count / kept
            return bag.features[row * width..<(row + 1) * width]
        }
    }
}
