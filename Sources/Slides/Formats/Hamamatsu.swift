extension SlideFormat {
    static let hamamatsuNDPI = SlideFormat(name: "Hamamatsu NDPI", endings: ["ndpi"])

    /// An index of JPEG (`vms`) or raw (`vmu`) files, which some keep in a folder of the same name. What else lies in such a
    /// folder may well be a slide.
    static let hamamatsuVMS = SlideFormat(
        name: "Hamamatsu VMS and VMU",
        endings: ["vms", "vmu"],
        files: .withFolder(hidesSlides: false)
    )
}
