extension SlideFormat {
    /// The file that is opened is a picture of the slide; levels and index lie in the folder, whose files are none that anybody
    /// would open.
    static let mirax = SlideFormat(name: "3DHISTECH MIRAX", endings: ["mrxs"], files: .withFolder)
}
