/// The four-neighbour Laplacian 4c − n − e − s − w, positive on dense spots; the frame is left out.
enum Laplacian {
    /// Mean absolute value in 1/1024 optical density (the signed mean is only the frame's), and the bounded skew of the signed
    /// values: positive where dense spots lie on paler ground.
    static func summary(of plane: Plane) -> (meanSize: Double, skew: Double) {
        var (size, moments) = (0, Moments())
        let inner = plane.side &- 2
        moments.count = inner &* inner
        for y in 1...inner {
            let (above, row, below) = (plane.row(y &- 1), plane.row(y), plane.row(y &+ 1))
            var (sum, sizes): (Int32, Int32) = (0, 0)
            var (squares, cubes): (Int64, Int64) = (0, 0)
            for x in 1...inner {
                let cross = Int32(above[x]) &+ Int32(below[x]) &+ Int32(row[x &- 1]) &+ Int32(row[x &+ 1])
                let value = 4 &* Int32(row[x]) &- cross
                sum &+= value
                sizes &+= max(value, 0 &- value)
                let square = Int64(value &* value)
                squares &+= square
                cubes &+= square &* Int64(value)
            }
            size &+= Int(sizes)
            moments.sum += Int128(sum)
            moments.squares += Int128(squares)
            moments.cubes += Int128(cubes)
        }
        return (Double(size) / Double(moments.count), moments.boundedSkew)
    }
}
