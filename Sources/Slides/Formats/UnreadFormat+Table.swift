extension UnreadFormat {
    /// That of DICOM which is nothing more particular.
    static let otherDICOM = "DICOM of this kind"

    /// In the order in which a file is compared with them: first what its bytes say for certain, then its ending.
    static let all = noFiles + scanners + archives + pictures + texts

    /// Those that the name of a slide may end with in a table, though the slide has another format here.
    static let endingsOfSlides = Set((scanners + pictures).flatMap(\.endings))

    /// What is left where a file should be.
    private static let noFiles = [
        UnreadFormat(
            name: "nothing but zeros at its beginning",
            signs: [.zeros],
            wayOut: "a copy or download was interrupted: copy it again from its source"
        ),
        UnreadFormat(
            name: "a pointer of Git LFS to the file",
            signs: [.text("version https://git-lfs")],
            wayOut: "get the file itself with git lfs pull"
        ),
        UnreadFormat(
            name: "a pointer of git-annex to the file",
            signs: [.text("/annex/objects/"), .text("../.git/annex/objects/")],
            wayOut: "get the file itself with git annex get"
        ),
        UnreadFormat(
            name: "a macOS note about a file (AppleDouble)",
            signs: [.bytes([0, 5, 0x16, 7]), .bytes([0, 5, 0x16, 0])],
            wayOut: "name the file without ._ before its name; such notes may be deleted"
        ),
        UnreadFormat(
            name: "a placeholder of iCloud",
            endings: ["icloud"],
            wayOut: "have the file itself downloaded to this disk, then name it"
        ),
        UnreadFormat(
            name: "a download that is not at its end",
            endings: ["aria2", "crdownload", "filepart", "part", "partial"],
            wayOut: "let the download end, or begin it again"
        ),
        UnreadFormat(
            name: "an HTML page",
            endings: ["htm", "html"],
            signs: [.text("<!doctype html"), .text("<html"), .ending],
            wayOut:
                "a server gave it instead of the slide, as where a login is wanted: open it to see why, and download the slide again"
        ),
        UnreadFormat(
            name: "a server's error message",
            signs: [.markup("<error><code>"), .text("{\"error"), .text("{\"message")],
            wayOut: "open it as a text to see why, and download the slide again"
        ),
        UnreadFormat(
            name: "an encrypted file",
            endings: ["age", "c4gh", "gpg", "pgp"],
            signs: [
                .text("crypt4gh"), .text("salted__"), .text("age-encryption.org"), .text("-----begin pgp message"),
                .ending,
            ],
            wayOut: "decrypt it with the program that it was encrypted with"
        ),
    ]

    static let scanners = [
        UnreadFormat(
            name: "MIRAX",
            signs: [.lonely(ending: "mrxs")],
            companion: Companion(),
            wayOut: "the slide's pixels are in that folder: copy it beside the file, under that name"
        ),
        UnreadFormat(
            name: "Olympus VSI",
            endings: ["vsi"],
            companion: Companion(prefix: "_", suffix: "_"),
            wayOut:
                "with that folder beside it, export it as OME-TIFF with the scanner's software or QuPath, or convert it with "
                + "bioformats2raw and raw2ometiff"
        ),
        UnreadFormat(
            name: "pixels of an Olympus VSI",
            endings: ["ets"],
            wayOut: "export the .vsi that they belong to as OME-TIFF with the scanner's software or QuPath"
        ),
        UnreadFormat(
            name: "Zeiss CZI",
            endings: ["czi"],
            signs: [.bytes(Array("ZISRAWFILE".utf8)), .ending],
            inFolders: "Zeiss CZI, read by OpenSlide 4.0.1 where it is named by itself and has no JPEG XR",
            wayOut: "OpenSlide 4.0.1 and later read CZI in transmitted light without JPEG XR; \(exported("ZEN"))"
        ),
        UnreadFormat(name: "Zeiss ZVI", endings: ["zvi"], wayOut: exported("AxioVision or ZEN")),
        UnreadFormat(
            name: "Philips iSyntax",
            endings: ["i2syntax", "isyntax"],
            signs: [.text("<dataobject objecttype=\"dpufsimport\""), .ending],
            wayOut: "export it as TIFF with Philips' software, or convert it with isyntax2raw and raw2ometiff"
        ),
        UnreadFormat(
            name: "KFBio KFB",
            endings: ["kfb", "kfbf"],
            wayOut: "export it as SVS or TIFF with KFBio's viewer or converter"
        ),
        UnreadFormat(
            name: "Sqray SDPC",
            endings: ["dyqx", "sdpc"],
            wayOut: "export it as SVS or TIFF with Sqray's software"
        ),
        UnreadFormat(
            name: "TMAP",
            endings: ["tmap"],
            signs: [.bytes(Array("TMAP".utf8)), .ending],
            wayOut: "export it as SVS or TIFF with the scanner's software"
        ),
        UnreadFormat(
            name: "Motic MDS",
            endings: ["mds", "mdsx"],
            wayOut: "export it as SVS or TIFF with Motic's software"
        ),
        UnreadFormat(
            name: "an Aperio list of fluorescence pictures (AFI)",
            endings: ["afi"],
            signs: [.markup("<imagelist"), .ending],
            wayOut: "fluorescence is not read; leave it out"
        ),
        UnreadFormat(name: "Leica LIF", endings: ["lif"], wayOut: exported("LAS X")),
        UnreadFormat(
            name: "Nikon ND2",
            endings: ["nd2"],
            signs: [.bytes([0xDA, 0xCE, 0xBE, 0x0A]), .ending],
            wayOut: exported("NIS-Elements")
        ),
        UnreadFormat(
            name: "Olympus OIR",
            endings: ["oir"],
            signs: [.bytes(Array("OLYMPUSRAWFORMAT".utf8)), .ending],
            wayOut: exported("the microscope's software")
        ),
        UnreadFormat(
            name: "OME-Zarr",
            endings: ["zarr"],
            isFolder: true,
            wayOut: "convert it to OME-TIFF, as with raw2ometiff, and name that"
        ),
        UnreadFormat(
            name: "NIfTI",
            endings: ["nii"],
            signs: [.bytes(Array("n+1\0".utf8), at: 344), .bytes(Array("n+2\0".utf8), at: 4), .ending],
            wayOut: "it holds volumes and no slides; leave it out"
        ),
        UnreadFormat(
            name: "a DICOMDIR, which is a table of contents",
            signs: [.name("DICOMDIR")],
            wayOut: "name the files of the slide, which it lists"
        ),
        UnreadFormat(
            name: otherDICOM,
            signs: [.bytes(Array("DICM".utf8), at: 128)],
            wayOut: "name the files of a slide (VL Whole Slide Microscopy Image), or export it as JPEG-compressed DICOM"
        ),
        UnreadFormat(
            name: "TIFF",
            endings: ["btf", "ome", "ptif", "tf2", "tf8"],
            signs: [],
            inFolders: "TIFF, read where it is named by itself",
            wayOut: "name it by itself, or give it the ending .tif"
        ),
    ]

    private static let archives = [
        archive("ZIP archive", ["zip"], [0x50, 0x4B, 3, 4]),
        archive("7z archive", ["7z"], [0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C]),
        archive("RAR archive", ["rar"], Array("Rar!".utf8)),
        archive("tar archive", ["tar"], Array("ustar".utf8), at: 257),
        archive("gzip file", ["gz", "tgz"], [0x1F, 0x8B]),
        archive("bzip2 file", ["bz2"], Array("BZh".utf8)),
        archive("xz file", ["xz"], [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0]),
        archive("Zstandard file", ["zst"], [0x28, 0xB5, 0x2F, 0xFD]),
    ]

    private static let pictures = [
        picture("JPEG picture", ["jpeg", "jpg"], [0xFF, 0xD8, 0xFF]),
        picture("PNG picture", ["png"], [0x89, 0x50, 0x4E, 0x47]),
        picture("GIF picture", ["gif"], Array("GIF8".utf8)),
        picture("WebP picture", ["webp"], Array("WEBP".utf8), at: 8),
        picture("JPEG 2000 picture", ["j2k", "jp2", "jpx"], [0, 0, 0, 12, 0x6A, 0x50, 0x20, 0x20]),
        UnreadFormat(
            name: "a plain BMP picture",
            endings: ["bmp"],
            wayOut: pictureWayOut
        ),
    ]

    private static let texts = [
        UnreadFormat(
            name: "a PDF document",
            endings: ["pdf"],
            signs: [.text("%pdf"), .ending],
            wayOut: "name the slide that it reports on"
        ),
        UnreadFormat(
            name: "an HDF5 file",
            endings: ["h5", "hdf5"],
            signs: [.bytes([0x89, 0x48, 0x44, 0x46]), .ending],
            wayOut: "it may hold patches or features of a slide: name the slide itself"
        ),
        UnreadFormat(
            name: "a table",
            endings: ["csv", "tsv"],
            inFolders: "tables",
            wayOut: "a table of slides is given with --list"
        ),
    ]

    private static func archive(_ name: String, _ endings: [String], _ magic: [UInt8], at place: Int = 0)
        -> UnreadFormat
    {
        UnreadFormat(
            name: "a \(name)",
            endings: endings,
            signs: [.bytes(magic, at: place), .ending],
            inFolders: "\(name)s, to be unpacked",
            wayOut: "unpack it and name the slide that is in it"
        )
    }

    private static func picture(_ name: String, _ endings: [String], _ magic: [UInt8], at place: Int = 0)
        -> UnreadFormat
    {
        UnreadFormat(
            name: "a plain \(name)",
            endings: endings,
            signs: [.bytes(magic, at: place), .ending],
            wayOut: pictureWayOut
        )
    }

    private static let pictureWayOut =
        "where it is all that there is of a slide, convert it to a tiled pyramid (\(WayOut.command)) and give its µm per "
        + "pixel with --slide-mpp"

    private static func exported(_ software: String) -> String {
        "export it as OME-TIFF with \(software) or QuPath, or convert it with bioformats2raw and raw2ometiff"
    }
}
