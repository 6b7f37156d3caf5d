import CJ2K
import Records

/// Samples as they are, made RGB.
struct DICOMSamples {
    private let form: DICOMPixelForm
    private let components: DICOMPixelForm.Components
    private let size: PixelSize

    init(_ form: DICOMPixelForm, _ components: DICOMPixelForm.Components, _ size: PixelSize) {
        (self.form, self.components, self.size) = (form, components, size)
    }

    /// - Returns: false where there are too few.
    func write(_ stored: UnsafeBufferPointer<UInt8>, into pixels: UnsafeMutablePointer<UInt8>) -> Bool {
        let count = size.width * size.height
        let isHalved = form.photometric == "YBR_FULL_422" && !form.isPlanar
        let wanted = isHalved ? form.frameBytes(width: size.width, height: size.height) : count * form.samples
        guard stored.count >= wanted else { return false }
        let (step, plane) = form.isPlanar ? (1, count) : (form.samples, 1)
        switch components {
        case .grey: for at in 0..<count { put(stored[at], stored[at], stored[at], at, pixels) }
        case .rgb:
            for at in 0..<count {
                let from = at * step
                put(stored[from], stored[from + plane], stored[from + 2 * plane], at, pixels)
            }
        case .yCbCr where isHalved: writeHalved(stored, into: pixels)
        case .yCbCr:
            for at in 0..<count {
                let from = at * step
                convert(stored[from], stored[from + plane], stored[from + 2 * plane], at, pixels)
            }
        }
        return true
    }

    /// Two of brightness, then the two of colour that they share (PS3.3, C.7.6.3.1.2).
    private func writeHalved(_ stored: UnsafeBufferPointer<UInt8>, into pixels: UnsafeMutablePointer<UInt8>) {
        let rowLength = (size.width + 1) / 2 * 4
        for y in 0..<size.height {
            for x in 0..<size.width {
                let pair = y * rowLength + x / 2 * 4
                convert(stored[pair + x % 2], stored[pair + 2], stored[pair + 3], y * size.width + x, pixels)
            }
        }
    }

    private func put(_ red: UInt8, _ green: UInt8, _ blue: UInt8, _ at: Int, _ pixels: UnsafeMutablePointer<UInt8>) {
        (pixels[at * 3], pixels[at * 3 + 1], pixels[at * 3 + 2]) = (red, green, blue)
    }

    private func convert(_ y: UInt8, _ cb: UInt8, _ cr: UInt8, _ at: Int, _ pixels: UnsafeMutablePointer<UInt8>) {
        cj2k_convert(CInt(y), CInt(cb), CInt(cr), pixels + at * 3)
    }
}
