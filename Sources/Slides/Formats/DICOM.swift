extension SlideFormat {
    /// A slide is a series of files, one or more for each level; which ones is told by what stands in those beside it.
    static let dicom = SlideFormat(name: "DICOM", endings: ["dcm"], files: .series)
}
