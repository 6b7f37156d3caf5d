extension RGBImage {
    /// Area averaging: every new pixel is the mean of what it covers, fractions of source pixels weighted by area, rounded
    /// to nearest. Exact in integers, so equal on every machine; also defined for enlarging.
    public func resized(width newWidth: Int, height newHeight: Int) -> RGBImage {
        precondition(newWidth > 0 && newHeight > 0, "an image has pixels")
        if newWidth == width, newHeight == height { return self }
        if width % newWidth == 0, height % newHeight == 0 { return blockMeans(width / newWidth, height / newHeight) }
        let columns = Overlaps(from: width, to: newWidth)
        let rows = Overlaps(from: height, to: newHeight)
        let area = UInt64(width) * UInt64(height)
        let samples = newWidth * 3
        // Sums of one source row over the new columns; kept, because a source row can lie in several new rows.
        var rowSums = [UInt64](repeating: 0, count: samples)
        var summedRow = -1
        var total = [UInt64](repeating: 0, count: samples)
        let bytes = [UInt8](unsafeUninitializedCapacity: samples * newHeight) { output, filled in
            for newRow in 0..<newHeight {
                for index in 0..<samples { total[index] = 0 }
                for sourceRow in rows.sources(of: newRow) {
                    if sourceRow != summedRow {
                        sum(row: sourceRow, over: columns, into: &rowSums)
                        summedRow = sourceRow
                    }
                    let weight = rows.weight(of: sourceRow, in: newRow)
                    for index in 0..<samples { total[index] += weight * rowSums[index] }
                }
                for index in 0..<samples {
                    output[newRow * samples + index] = UInt8(truncatingIfNeeded: (total[index] + area / 2) / area)
                }
            }
            filled = samples * newHeight
        }
        return RGBImage(width: newWidth, height: newHeight, pixels: bytes)
    }

    /// The same result for whole factors, several times faster.
    private func blockMeans(_ across: Int, _ down: Int) -> RGBImage {
        let (newWidth, newHeight) = (width / across, height / down)
        let (samples, newSamples) = (width * 3, newWidth * 3)
        var means = BlockMeans(width: width, across: across)
        let bytes = [UInt8](unsafeUninitializedCapacity: newSamples * newHeight) { output, filled in
            pixels.withUnsafeBufferPointer { pixels in
                for newRow in 0..<newHeight {
                    for row in (newRow * down)..<((newRow + 1) * down) {
                        means.add(UnsafeBufferPointer(rebasing: pixels[(row * samples)..<((row + 1) * samples)]))
                    }
                    let place = (newRow * newSamples)..<((newRow + 1) * newSamples)
                    means.finish(into: UnsafeMutableBufferPointer(rebasing: output[place]))
                }
            }
            filled = newSamples * newHeight
        }
        return RGBImage(width: newWidth, height: newHeight, pixels: bytes)
    }

    private func sum(row: Int, over columns: Overlaps, into sums: inout [UInt64]) {
        pixels.withUnsafeBufferPointer { pixels in
            for column in 0..<columns.to {
                var (red, green, blue): (UInt64, UInt64, UInt64) = (0, 0, 0)
                for source in columns.sources(of: column) {
                    let weight = columns.weight(of: source, in: column)
                    let at = (row * width + source) * 3
                    red += weight * UInt64(pixels[at])
                    green += weight * UInt64(pixels[at + 1])
                    blue += weight * UInt64(pixels[at + 2])
                }
                sums[column * 3] = red
                sums[column * 3 + 1] = green
                sums[column * 3 + 2] = blue
            }
        }
    }
}

/// One axis of an area resampling, measured in units of 1 / (from · to): a source pixel is `to` units long, a new one `from`.
private struct Overlaps {
    let from: Int
    let to: Int

    func sources(of index: Int) -> Range<Int> { (index * from / to)..<((index * from + from + to - 1) / to) }

    func weight(of source: Int, in index: Int) -> UInt64 {
        UInt64(min((index + 1) * from, (source + 1) * to) - max(index * from, source * to))
    }
}
