extension SlideFormat {
    /// A slide is a series of files, one or more for each level; which ones is found by opening all that lies beside the first.
    static let dicom = SlideFormat(name: "DICOM", endings: ["dcm"], files: .series)
}
