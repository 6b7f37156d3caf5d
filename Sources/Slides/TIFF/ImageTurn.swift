import Records

/// How a stored image is turned and mirrored for people to see: TIFF's tag 274.
enum ImageTurn: UInt16 {
    case none = 1
    case mirrored, halfTurn, upsideDown, transposed, right, transverse, left

    /// Whether rows of what is stored are columns of what is seen.
    var isOnItsSide: Bool { rawValue >= 5 }

    /// What is stored of a part that is seen.
    /// - Parameter size: of what is stored.
    func stored(_ part: PixelRect, in size: PixelSize) -> PixelRect {
        let swapped = isOnItsSide
        let (x, y) = swapped ? (part.y, part.x) : (part.x, part.y)
        let (width, height) = swapped ? (part.height, part.width) : (part.width, part.height)
        return PixelRect(
            x: countsColumnsBack ? size.width - x - width : x,
            y: countsRowsBack ? size.height - y - height : y,
            width: width,
            height: height
        )
    }

    /// How far apart two pixels lie in what is stored that are neighbours in a row, and in a column, of what is seen, and where
    /// the first one lies.
    /// - Parameter stored: the part of the image, row by row.
    func steps(in stored: PixelRect) -> (start: Int, across: Int, down: Int) {
        let (column, row) = (countsColumnsBack ? -1 : 1, countsRowsBack ? -stored.width : stored.width)
        let start =
            (countsColumnsBack ? stored.width - 1 : 0) + (countsRowsBack ? (stored.height - 1) * stored.width : 0)
        return isOnItsSide ? (start, row, column) : (start, column, row)
    }

    private var countsColumnsBack: Bool { [.mirrored, .halfTurn, .transverse, .left].contains(self) }
    private var countsRowsBack: Bool { [.halfTurn, .upsideDown, .right, .transverse].contains(self) }
}
