/// What to do with a slide that is whole and not read, as messages end.
enum WayOut {
    /// For all that libvips opens, which is more than is read here.
    static let conversion = "convert it to a tiled pyramid: \(command)"
    static let command = "vips tiffsave IN OUT.tif --tile --pyramid --compression jpeg --bigtiff"
    /// For streams that libtiff and libvips as it is mostly built do not decode.
    static let otherCodec = "export it again with its tiles in JPEG, deflate or LZW"
    static let picture = "export the slide so, or leave out what is none, such as a mask or fluorescence"
    static let light = "leave it out, or export what is a picture in transmitted light as 8-bit RGB"
    static let grey = "accept grey slides with --accept-grey, or leave out what is none, such as a mask or fluorescence"
    static let mask = "leave it out, and name the slide that it belongs to"
    static let oneImage = "export the one that is wanted as a file of its own"
    static let oneFile = "export the slide as one OME-TIFF"
    static let again = "export the slide again"
    static let storedColours = "take its colours as they are stored, with --colour stored"
}

extension SlideError {
    /// - Parameter format: as in "…, which is not read".
    static func unread(format: String, wayOut: String) -> SlideError {
        .refused("\(format), which is not read", wayOut: wayOut)
    }

    /// Of pixels that are no 8-bit colour.
    /// - Parameter found: as in "the pixels are …".
    static func pixels(_ found: String, wayOut: String = WayOut.picture) -> SlideError {
        .refused("the pixels are \(found), 8-bit RGB in transmitted light is wanted", wayOut: wayOut)
    }

    /// Of several images for what is seen by several lights.
    static func channels(_ count: Int, bits: Int) -> SlideError {
        .refused(
            "the pixels are \(count) channels of \(bits) bits, as of fluorescence or multiplexed stains",
            wayOut: WayOut.light
        )
    }
}
