/// The 256 numbers on their way out, in the order of `HETexture.names`.
struct FeatureRow {
    let values: UnsafeMutableBufferPointer<Float>
    private(set) var count = 0

    init(_ values: UnsafeMutableBufferPointer<Float>) { self.values = values }

    mutating func append(_ value: Double) {
        values[count] = Float(value)
        count += 1
    }

    /// Appends an optical density that is given in 1/1024.
    mutating func append(density value: Double) { append(value / OpticalDensity.unit) }

    /// Appends how much of a plane `count` pixels are.
    mutating func append(fraction count: Int, of plane: Plane) { append(Double(count) / Double(plane.area)) }
}
