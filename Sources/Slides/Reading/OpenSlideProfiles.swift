import Foundation

/// Colour profiles as OpenSlide hands them out from version 4 on. The headers of version 3 do not declare these two, and a program
/// that is linked to them would not start with it, so they are looked up in the library that is loaded.
struct OpenSlideProfiles: Sendable {
    private typealias Size = @Sendable @convention(c) (OpaquePointer) -> Int64
    private typealias Read = @Sendable @convention(c) (OpaquePointer, UnsafeMutableRawPointer) -> Void

    private let size: Size
    private let read: Read

    /// nil where the library is of version 3.
    static let loaded: OpenSlideProfiles? = {
        guard let size = dlsym(nil, "openslide_get_icc_profile_size"),
            let read = dlsym(nil, "openslide_read_icc_profile")
        else { return nil }
        // As openslide.h of version 4 declares them.
        return OpenSlideProfiles(size: unsafeBitCast(size, to: Size.self), read: unsafeBitCast(read, to: Read.self))
    }()

    /// - Parameters:
    ///   - slide: an open `openslide_t`.
    ///   - check: throws what OpenSlide has against it.
    /// - Returns: nil where the slide has none.
    func profile(of slide: OpaquePointer, check: () throws -> Void) throws -> [UInt8]? {
        let count = size(slide)
        try check()
        guard count != 0 else { return nil }
        guard (1...Self.largest).contains(count) else {
            throw SlideFault(text: "its colour profile is said to have \(count) bytes")
        }
        var bytes = [UInt8](repeating: 0, count: Int(count))
        bytes.withUnsafeMutableBytes { bytes in
            if let base = bytes.baseAddress { read(slide, base) }
        }
        try check()
        return bytes
    }

    /// Bytes; those of scanners have some thousands, and tables for printers a few millions.
    private static let largest: Int64 = 64 << 20
}
