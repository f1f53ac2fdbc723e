from tests.browser.set_up import set_up
if __name__ == "__main__":
    set_up()
