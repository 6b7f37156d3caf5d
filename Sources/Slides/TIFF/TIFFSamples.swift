import Records

/// How the stored samples of a TIFF become 8-bit RGB.
///
/// Samples that are multiplied by their alpha are laid on white, as are those of an alpha of their own; further samples are left
/// out, as is an alpha in a plane of its own.
struct TIFFSamples {
    enum Alpha {
        case multiplied
        case straight
    }

    /// 1 grey, 3 RGB.
    var colours: Int
    /// Of a pixel, with what is left out; 1 where each sample has a plane of its own.
    var stride: Int
    var alpha: Alpha?
    /// 8-bit values of 16-bit samples; nil where samples have 8 bits.
    private var scaled: [UInt8]?
    private var isInverted: Bool

    /// - Parameters:
    ///   - directory: of a form that `TIFFForm` takes.
    ///   - range: what 16-bit samples lie between.
    init(_ directory: TIFFDirectory, planes: Int, range: ClosedRange<Double>) {
        colours = directory.isGrey && planes == 1 ? 1 : 3
        stride = planes == 1 ? directory.samples : 1
        if planes == 1, colours == 3, directory.extraCount > 0 {
            alpha = [1: Alpha.multiplied, 2: .straight][directory.firstExtra]
        }
        isInverted = directory.photometric == 0
        guard directory.bits == 16 else { return }
        let length = range.upperBound - range.lowerBound
        scaled = (0...65_535).map {
            UInt8(max(0, min(255, ((Double($0) - range.lowerBound) / length * 255).rounded())))
        }
    }

    /// Whether decoded bytes are the pixels.
    var isPlain: Bool { stride == 3 && colours == 3 && scaled == nil }

    var bytesPerSample: Int { scaled == nil ? 1 : 2 }

    /// Whether what is decoded has the length that the samples say.
    func fits(_ directory: TIFFDirectory) -> Bool {
        let rows = directory.isTiled ? directory.partSize.height : 1
        return directory.decodedBytes == directory.partSize.width * rows * stride * bytesPerSample
    }

    /// Writes the pixels of the one plane, or one channel of them.
    /// - Parameter channel: of the plane, where each has one.
    func write(_ decoded: UnsafeRawPointer, count: Int, channel: Int?, to pixels: UnsafeMutablePointer<UInt8>) {
        guard let scaled else {
            let samples = decoded.assumingMemoryBound(to: UInt8.self)
            return write(count, channel, to: pixels) { samples[$0] }
        }
        let samples = decoded.assumingMemoryBound(to: UInt16.self)
        scaled.withUnsafeBufferPointer { values in write(count, channel, to: pixels) { values[Int(samples[$0])] } }
    }

    @inline(__always)
    private func write(
        _ count: Int,
        _ channel: Int?,
        to pixels: UnsafeMutablePointer<UInt8>,
        _ sample: (Int) -> UInt8
    ) {
        if let channel {
            for at in 0..<count { pixels[at * 3 + channel] = sample(at) }
        } else if colours == 1 {
            let inversion: UInt8 = isInverted ? 255 : 0
            for at in 0..<count {
                let value = sample(at * stride) ^ inversion
                for channel in 0..<3 { pixels[at * 3 + channel] = value }
            }
        } else {
            for at in 0..<count {
                let opacity = alpha == nil ? 255 : Int(sample(at * stride + 3))
                for channel in 0..<3 {
                    let value = sample(at * stride + channel)
                    pixels[at * 3 + channel] = opacity == 255 ? value : onWhite(Int(value), opacity)
                }
            }
        }
    }

    private func onWhite(_ value: Int, _ opacity: Int) -> UInt8 {
        let share = alpha == .straight ? (value * opacity + 127) / 255 : value
        return UInt8(min(255, share + 255 - opacity))
    }
}
